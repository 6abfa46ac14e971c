"""The comm between a widget's kernel and its front ends: every message of both directions.

``js/src/protocol/comm.ts`` is this file's twin; a test holds the tables against each other. The messages are anywidget's
custom messages. The comm reaches every tab that shows the widget, so a message of the kernel's says in ``to`` which it is
for ("*" for all), and one of a front end's says in ``client_id`` which it is from.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NotRequired, TypedDict, get_args, get_type_hints

from ..errors import ErrorInfo
from .heartbeat import Expect, Heartbeat
from .panel import PanelContent, PanelRequest

# -- from the kernel


class Command(TypedDict):
    """What Python asks of the call; a ``send`` of bytes has them in the message's buffer."""

    kind: Literal["command"]
    action: Literal["leave", "report", "restart_ice", "media", "screen", "use", "decline", "send"]
    audio: NotRequired[bool]
    video: NotRequired[bool]
    on: NotRequired[bool]
    pattern: NotRequired[bool]
    camera: NotRequired[str | None]
    microphone: NotRequired[str | None]
    recording: NotRequired[str]
    text: NotRequired[str | None]
    target: NotRequired[str | None]


class TunnelFromKernel(TypedDict):
    """The kernel's end of a tunnel to the relay."""

    kind: Literal["tunnel"]
    op: Literal["opened", "refused", "event", "ack", "closed"]
    error: NotRequired[ErrorInfo]
    event: NotRequired[str]
    payload: NotRequired[dict[str, Any]]
    id: NotRequired[int]
    answer: NotRequired[dict[str, Any]]


class RecordingState(TypedDict):
    """The recording that this kernel makes: once a second while it goes on, when it is over, and when its file is there."""

    kind: Literal["recording"]
    on: bool
    id: NotRequired[str]
    text: NotRequired[str]
    full: NotRequired[bool]
    file: NotRequired[str]
    error: NotRequired[ErrorInfo]


class ReplayContent(TypedDict):
    """A recording as HTML with its player, to the front end that has asked for it, or why there is none."""

    kind: Literal["replay"]
    html: NotRequired[str]
    error: NotRequired[ErrorInfo]


class Module(TypedDict):
    """The text of a module that a front end has asked for."""

    kind: Literal["module"]
    name: str
    source: str


class Target(TypedDict):
    """What the page's part of ``doctor()`` is to reach."""

    kind: Literal["target"]
    relay: dict[str, Any] | None
    iceServers: list[dict[str, Any]]


class MediaFromKernel(TypedDict):
    """The kernel's part in a media channel to one of its Peers; the channel's messages are the buffers of "data".

    Attributes
    ----------
    port : int
        Of 127.0.0.1, where the kernel is: the notebook's server may lead there.
    token : str
        Lets the page in, once.
    """

    kind: Literal["media"]
    op: Literal["offered", "refused", "data", "closed"]
    peer: str
    port: NotRequired[int]
    token: NotRequired[str]
    error: NotRequired[ErrorInfo]


class LinkContent(TypedDict):
    """A link by which people join without Jupyter, which is never a trait: those are saved.

    Attributes
    ----------
    qr : str
        A data URL of its QR code.
    room : str
        The room.
    expires : float
        When it expires, in ms since the epoch.
    uses : int or None
        How many it admits.
    fingerprint : str or None
        SHA-256 of a certificate that browsers warn of.
    onlyHere : bool
        Whether it leads to the kernel's own machine alone.
    wait : bool
        Whether who comes by it waits to be let in.
    """

    kind: Literal["link"]
    url: str
    qr: str
    room: str
    expires: float
    uses: int | None
    fingerprint: str | None
    onlyHere: bool
    wait: bool


class WaitingRow(TypedDict):
    """Somebody who waits to be let in, or all who do beyond the first few.

    Attributes
    ----------
    ids : list of str
        Theirs.
    title, text : str
        Who they are, and what that means.
    """

    ids: list[str]
    title: str
    text: str


class WaitingContent(TypedDict):
    """Who waits to be let into the room, as rows, each of which may be let in or not."""

    kind: Literal["waiting"]
    rows: list[WaitingRow]


class JoinPage(TypedDict):
    """The address of the room's join page, to a front end whose own page gives it no camera; it holds a token."""

    kind: Literal["join_page"]
    url: str


FromKernel = (
    Heartbeat
    | Expect
    | Command
    | TunnelFromKernel
    | PanelContent
    | RecordingState
    | ReplayContent
    | Module
    | Target
    | MediaFromKernel
    | LinkContent
    | WaitingContent
    | JoinPage
)

# -- from a front end


class Hello(TypedDict):
    """A front end is there, in a page of some origin, and asks for a heartbeat; ``again`` lets ``doctor()`` check the kernel once more."""

    kind: Literal["hello"]
    origin: NotRequired[str]
    again: NotRequired[bool]


class Phase(TypedDict):
    """Where a tab stands while the relay cannot say it: before joining and after leaving."""

    kind: Literal["phase"]
    phase: str
    unseen: bool


class Move(TypedDict):
    """The person wants the call in this tab, and not in the one that has it."""

    kind: Literal["move"]


class ErrorReport(TypedDict):
    """Something went wrong in a tab."""

    kind: Literal["error"]
    code: str
    message: str


class Devices(TypedDict):
    """Labels of the cameras and microphones that the browser offers."""

    kind: Literal["devices"]
    cameras: list[str]
    microphones: list[str]


# "from" cannot be written as an attribute.
DataMessage = TypedDict("DataMessage", {"kind": Literal["message"], "from": str, "text": NotRequired[str]})
"""A data channel message, not parsed, and its sender's participant id; one of bytes is the message's buffer."""


class Picture(TypedDict):
    """A small picture of the call, as a data URL."""

    kind: Literal["picture"]
    data: str


class TunnelFromPage(TypedDict):
    """A front end's end of a tunnel to the relay."""

    kind: Literal["tunnel"]
    op: Literal["open", "emit", "close"]
    auth: NotRequired[dict[str, Any]]
    id: NotRequired[int]
    event: NotRequired[str]
    payload: NotRequired[Any]


class Answer(TypedDict):
    """The person lets those in who wait, by their ids, or declines."""

    kind: Literal["answer"]
    ids: list[str]
    admit: bool


class RecordRequest(TypedDict):
    """The recording button."""

    kind: Literal["record"]
    on: bool


class ReplayRequest(TypedDict):
    """Asks for the replay of a recording whose file has been made, by its id."""

    kind: Literal["replay"]
    id: str


class ModuleRequest(TypedDict):
    """Asks for a module that the first picture does not need."""

    kind: Literal["module"]
    name: str


class JoinPageRequest(TypedDict):
    """Asks for the address of the room's join page: the page gives the widget no camera."""

    kind: Literal["join_page"]


class MediaFromPage(TypedDict):
    """A page's part in a media channel to a Peer of its kernel: it asks for one, and opens it over the comm where it finds no other way.

    Attributes
    ----------
    participant : str
        The page's own id, of whoever requests a channel.
    """

    kind: Literal["media"]
    op: Literal["request", "open", "data", "close"]
    peer: str
    participant: NotRequired[str]


class Findings(TypedDict):
    """What the page's part of ``doctor()`` has found."""

    kind: Literal["findings"]
    findings: list[dict[str, Any]]
    done: bool


FromFrontEnd = (
    Hello
    | Phase
    | Move
    | ErrorReport
    | Devices
    | DataMessage
    | Picture
    | TunnelFromPage
    | PanelRequest
    | Answer
    | RecordRequest
    | ReplayRequest
    | ModuleRequest
    | JoinPageRequest
    | MediaFromPage
    | Findings
)


def _table(union: Any) -> dict[str, list[str]]:
    table = {}
    for message in get_args(union):
        (kind,) = get_args(get_type_hints(message)["kind"])
        table[kind] = sorted(message.__required_keys__ | message.__optional_keys__)
    return table


FROM_KERNEL: Final = _table(FromKernel)
"""Each kind of the kernel's messages with its fields."""

FROM_FRONT_END: Final = _table(FromFrontEnd)
"""Each kind of a front end's messages with its fields."""
