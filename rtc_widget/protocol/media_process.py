"""The pipe between a kernel and its media process: every command, and every event that comes back.

Both ends are one program's two processes, of one version, so the messages are pickled dataclasses (`peer.ipc.pipe`).
Receivers dispatch on their types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypedDict, get_args

from ..errors import ErrorInfo
from ..ice.turn_server import TurnServer

Kind = Literal["audio", "video"]
Track = Literal["audio", "video", "screen"]


class SourceSpec(TypedDict):
    """What to send.

    Attributes
    ----------
    what : str
        "pattern", "tone", "kernel" for what the kernel writes into shared memory, or what PyAV opens.
    size : (int, int)
        Width and height of the pattern, px.
    fps : float
        Of the pattern, and of a film that does not say its own.
    both : bool
        Whether a video's audio is sent too.
    loop : bool
        Whether a film begins anew at its end.
    """

    what: str
    size: tuple[int, int]
    fps: float
    both: bool
    loop: bool


# -- from the kernel


@dataclass(frozen=True, slots=True)
class Open:
    """Make a peer, which joins its room."""

    room: str
    name: str
    owner_key: str
    relay: tuple[str, str | None] | None
    token: str | None
    ice_servers: list[dict[str, Any]]
    turn: TurnServer | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """Send from another source, or from none. Returns whether it took over the audio too."""

    kind: Kind
    source: SourceSpec | None


@dataclass(frozen=True, slots=True)
class SetTransform:
    """Say where frames are transformed: nowhere, in the kernel, or in the media process by a pickled function."""

    where: Literal["", "kernel", "peer"]
    of: str | None
    pickled: bytes | None


@dataclass(frozen=True, slots=True)
class Mute:
    """Stop sending audio or video, or go on."""

    kind: Kind
    muted: bool


@dataclass(frozen=True, slots=True)
class Send:
    """Send a data channel message to one participant, or to all; done when there was room for it."""

    data: str | bytes
    to: str | None
    timeout: float


@dataclass(frozen=True, slots=True)
class Decline:
    """Be left out of a recording."""

    recording: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Write what a participant sends into shared memory, from now on."""

    participant: str
    track: Track


@dataclass(frozen=True, slots=True)
class UseFrameBuffer:
    """Take the kernel's own frames from this memory."""

    path: str
    capacity: int


@dataclass(frozen=True, slots=True)
class UseAudioRing:
    """Take the kernel's own audio from this memory."""

    path: str


@dataclass(frozen=True, slots=True)
class FrameReady:
    """There is a new frame in the kernel's buffer."""


@dataclass(frozen=True, slots=True)
class GetStats:
    """Return what the peer has sent, and how its transform does."""


@dataclass(frozen=True, slots=True)
class OfferChannel:
    """Let a participant open a media channel. Returns the port on 127.0.0.1 and the token that lets it in."""

    participant: str


@dataclass(frozen=True, slots=True)
class Close:
    """Leave the room; may be said twice."""


@dataclass(frozen=True, slots=True)
class Handled:
    """All that ends there, and before, has been handled: as much more may be told. Of no peer."""

    end: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Answer at once, so that the kernel knows that the process still runs."""


Command = (
    Open
    | Use
    | SetTransform
    | Mute
    | Send
    | Decline
    | Subscribe
    | UseFrameBuffer
    | UseAudioRing
    | FrameReady
    | GetStats
    | OfferChannel
    | Close
    | Handled
    | Ping
)


@dataclass(frozen=True, slots=True)
class Request:
    """A command for one peer.

    Attributes
    ----------
    peer : int
        The peer's number in this process.
    number : int
        Of the request, to which `Reply` answers; 0 when nobody waits for the answer.
    command : Command
        What to do.
    """

    peer: int
    number: int
    command: Command


# -- from the media process


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a request: a value, or the class name, code and message of an error."""

    number: int
    value: Any = None
    error: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """The peer has entered the room; the roster, the peer itself last."""

    roster: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RoomEvent:
    """An event of the relay's, as an observer of the room would see it."""

    name: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PathLost:
    """The connection to the relay is lost and will be made again."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The peer is out of the room for good."""

    error: ErrorInfo | None


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A data channel message has come."""

    sender: str
    data: str | bytes


@dataclass(frozen=True, slots=True)
class MemoryReady:
    """What a participant sends is in this memory from now on."""

    participant: str
    track: Track
    path: str
    capacity: int


@dataclass(frozen=True, slots=True)
class DataReady:
    """There is something new in a participant's memory, which the kernel had asked to be told."""

    participant: str
    track: Track


@dataclass(frozen=True, slots=True)
class TransformInput:
    """Whose frames the kernel's transform gets: "" for the peer's own source, None for nobody's."""

    participant: str | None


@dataclass(frozen=True, slots=True)
class TransformFailed:
    """The transform that runs in the media process has raised."""

    traceback: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something does not work, in words, and the code of what it is."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class SourceEnded:
    """A source has come to its end, or could not go on."""

    problem: str | None


Event = (
    Entered
    | RoomEvent
    | PathLost
    | Ended
    | MessageReceived
    | MemoryReady
    | DataReady
    | TransformInput
    | TransformFailed
    | Problem
    | SourceEnded
)


@dataclass(frozen=True, slots=True)
class Notification:
    """An event of one peer.

    Attributes
    ----------
    peer : int
        The peer's number.
    event : Event
        What has happened.
    end : int
        Where it ends in all that is told and waits to be `Handled`, in bytes; 0 for what nobody else can cause.
    """

    peer: int
    event: Event
    end: int = 0


COMMANDS: Final = get_args(Command)
"""All that a kernel may ask."""

EVENTS: Final = get_args(Event)
"""All that a media process may tell."""
