"""`check`: tells a student how far an exercise is, from the live call."""

from __future__ import annotations

import difflib
import html
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from ..errors import InvalidArgumentError
from ..trace.trace import Trace
from .exercises import EXERCISES
from .exercises.bugs import BUGS
from .exercises.requirement import NotSo, Requirement
from .exercises.seen import is_given

if TYPE_CHECKING:
    from ..widget.room_widget import RoomWidget

Verdict = Literal["done", "not yet", "not so"]

# What is right may need a moment, until messages have come and states are reported.
_PATIENCE_SECONDS: Final = 2.0
_LASTING_SECONDS: Final = 3.0
_LOOK_SECONDS: Final = 0.05
# What these are about is a room that is paused.
_PAUSED: Final = ("2.1", "2.3")
_MARKS: Final[dict[Verdict, str]] = {"done": "✓", "not yet": "○", "not so": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one requirement.

    Attributes
    ----------
    verdict : {"done", "not yet", "not so"}
        Whether it is met; "not so" when something was done that is not it.
    says : str
        The requirement.
    reason : str
        Where to look, or what is there instead; empty when it is met.
    """

    verdict: Verdict
    says: str
    reason: str

    def __str__(self) -> str:
        return f"{_MARKS[self.verdict]} {self.says}"


@dataclass(frozen=True)
class Checked:
    """The result of checking an exercise.

    Attributes
    ----------
    exercise : str
        The exercise's number.
    findings : tuple of Finding
        One for each requirement.
    """

    exercise: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """Of the whole exercise: "not so" if anything is, "done" if all is."""
        verdicts = [each.verdict for each in self.findings]
        return next((verdict for verdict in ("not so", "not yet") if verdict in verdicts), "done")

    @property
    def reason(self) -> str:
        """Of the first requirement that decides the verdict; a word of praise when all is done."""
        deciding = next((each for each in self.findings if each.verdict == self.verdict), None)
        return deciding.reason if deciding and deciding.reason else "Everything is done. Well done!"

    def __bool__(self) -> bool:
        """Return whether everything is done.

        Returns
        -------
        bool
            True when nothing is missing or wrong.
        """
        return self.verdict == "done"

    def __repr__(self) -> str:
        lines = [f"Exercise {self.exercise}: {self.verdict}", *(f"  {each}" for each in self.findings)]
        return "\n".join([*lines, self.reason])

    def _repr_html_(self) -> str:
        items = "".join(
            f'<li style="list-style:none"><span aria-hidden="true">{_MARKS[each.verdict]}</span> '
            f"<em>{each.verdict}:</em> {html.escape(each.says)}</li>"
            for each in self.findings
        )
        return (
            f'<div dir="ltr"><b>Exercise {html.escape(self.exercise)}: {self.verdict}</b>'
            f'<ul style="padding-left:0.5em;margin:0.3em 0">{items}</ul>{html.escape(self.reason)}</div>'
        )


def check(exercise: str, room: RoomWidget | Trace, answer: Any = None, **given: Any) -> Checked:
    """Check an exercise of the lessons against the live call.

    What is right may need a moment, so nothing is "not yet" before two seconds have passed; what must not happen is
    watched for three seconds. Call it in a cell: it waits.

    Parameters
    ----------
    exercise : str
        Its number in the lesson, such as "4.1".
    room : RoomWidget or Trace
        The lesson's room; for "find the bug", the trace that has one.
    answer : object
        What the exercise asks for: a number, a list of steps, or a name in any case, a `Participant`, a `Peer`.
    **given : object
        What else it asks for, such as ``line="a=setup:active"``.

    Returns
    -------
    Checked
        True when everything is done. Displays itself, with the reason.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for an unknown exercise, and for something else than what it is about.
    """
    requirements = EXERCISES.get(exercise)
    if requirements is None:
        near = difflib.get_close_matches(str(exercise), EXERCISES, 1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        msg = f"There is no exercise {exercise!r}. The exercises are {', '.join(EXERCISES)}.{meant}"
        raise InvalidArgumentError("bad_argument", msg)
    # A recording has one.
    trace = getattr(room, "trace", room)
    is_room = trace is not room and hasattr(room, "held")
    if not isinstance(trace, Trace) or is_room is (exercise in BUGS):
        taken = "a trace that was saved" if exercise in BUGS else "the lesson's room"
        msg = (
            f'check("{exercise}", …) takes {taken}, as in the lesson\'s own cell. '
            f"This is of type {type(room).__name__}."
        )
        raise InvalidArgumentError("bad_argument", msg)
    room = trace if exercise in BUGS else room
    arguments = {**given, "answer": answer}
    # Of what the student has not written yet, nothing that happens in the room makes anything.
    asked = any(_is_missing(each, arguments) for each in requirements)
    patience = 0.0 if asked else _PATIENCE_SECONDS
    checked = _look_while(False, patience, exercise, requirements, room, arguments)
    if checked and any(each.lasts for each in requirements):
        return _look_while(True, _LASTING_SECONDS, exercise, requirements, room, arguments)
    return checked


def _look_while(verdict: bool, seconds: float, *of: Any) -> Checked:
    """Look again and again for so long as everything is done, or is not."""
    deadline = time.monotonic() + seconds
    checked = _look(*of)
    while bool(checked) is verdict and time.monotonic() < deadline:
        # Between two looks: a student's own list, which is looked at as well, tells nobody of its changes.
        time.sleep(_LOOK_SECONDS)
        checked = _look(*of)
    return checked


class _Moment:
    """A room at one moment: what one look says of several requirements is true of the same trace."""

    def __init__(self, room: RoomWidget) -> None:
        self._room = room
        self.trace = room.trace

    def __getattr__(self, name: str) -> Any:
        return getattr(self._room, name)


def _look(
    exercise: str, requirements: tuple[Requirement, ...], room: RoomWidget | Trace, given: dict[str, Any]
) -> Checked:
    seen = room if isinstance(room, Trace) else _Moment(room)
    found = tuple(_find(each, seen, given) for each in requirements)
    if exercise in _PAUSED or getattr(room, "paused", False) is not True:
        return Checked(exercise, found)
    # Whatever is waited for may be held.
    held = " The room's signaling is paused: room.resume() lets it go on."
    return Checked(
        exercise,
        tuple(
            replace(each, reason=each.reason + held)
            if each.verdict == "not yet" and not _is_missing(asking, given)
            else each
            for each, asking in zip(found, requirements, strict=True)
        ),
    )


def _is_missing(requirement: Requirement, given: dict[str, Any]) -> bool:
    """Tell whether a requirement asks for something that the student has not written yet."""
    return bool(requirement.asks) and not is_given(given, requirement.asks)


def _find(requirement: Requirement, room: _Moment | Trace, given: dict[str, Any]) -> Finding:
    try:
        judged = requirement.judge(room, given)
    except (InvalidArgumentError, LookupError, TypeError, AttributeError, ValueError):
        judged = False  # it looks at something that does not exist yet
    if isinstance(judged, NotSo):
        return Finding("not so", requirement.says, judged.reason)
    if judged:
        return Finding("done", requirement.says, "")
    return Finding("not yet", requirement.says, requirement.hint)
