"""What the trace panel shows and asks for, over the comm."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from ..errors import ErrorInfo


class HeldRow(TypedDict):
    """A held message, or several candidates in a row from one participant to another.

    Attributes
    ----------
    ids : list of str
        The relay's ids of the messages.
    text : str
        What one of them is, and whose.
    carries : str
        What they carry, without addresses.
    seconds : float
        For how long the first has waited.
    """

    ids: list[str]
    text: str
    carries: str
    seconds: float


class BreakRow(TypedDict):
    """A breakpoint that no message has reached."""

    id: str
    text: str


class PanelContent(TypedDict):
    """The live diagram and what is held and broken, the newest overview alone, or why the last request was refused."""

    kind: Literal["panel"]
    html: NotRequired[str]
    overview: NotRequired[str]
    watching: NotRequired[bool]
    paused: NotRequired[bool]
    held: NotRequired[list[HeldRow]]
    breaks: NotRequired[list[BreakRow]]
    faults: NotRequired[list[str]]
    error: NotRequired[ErrorInfo]


class PanelRequest(TypedDict):
    """What the trace panel and its buttons ask for.

    Attributes
    ----------
    everybody : bool
        Whether the tab that is "open" shows the overview.
    messages : list of str
        The held messages that "release", "drop" and "duplicate" are about.
    event : str
        The messages that "break_on" is for.
    id : str
        The breakpoint that "clear_break" is about.
    """

    kind: Literal["panel"]
    action: Literal[
        "open", "shut", "pause", "resume", "step", "step_over", "step_to",
        "release", "drop", "duplicate", "break_on", "clear_break", "clear",
    ]  # fmt: skip
    everybody: NotRequired[bool]
    messages: NotRequired[list[str]]
    event: NotRequired[str]
    id: NotRequired[str]
