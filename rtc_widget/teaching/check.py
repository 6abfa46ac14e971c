"""`check`: tells a student what an exercise still needs, from the live call."""

from __future__ import annotations

import difflib
import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import InvalidArgumentError
from .exercises import EXERCISES, Requirement

if TYPE_CHECKING:
    from ..widget.room_widget import RoomWidget


@dataclass(frozen=True)
class Checked:
    """The result of checking an exercise.

    Attributes
    ----------
    exercise : str
        The exercise's number.
    done, missing : tuple of str
        The requirements that are met, and those that are not yet.
    hint : str or None
        Points towards the first missing requirement, without giving the answer.
    """

    exercise: str
    done: tuple[str, ...]
    missing: tuple[str, ...]
    hint: str | None

    def __bool__(self) -> bool:
        """Return whether everything is done.

        Returns
        -------
        bool
            True when nothing is missing.
        """
        return not self.missing

    def __repr__(self) -> str:
        lines = [f"  done     {each}" for each in self.done] + [f"  missing  {each}" for each in self.missing]
        end = f"Hint: {self.hint}" if self.hint else "Everything is done. Well done!"
        return "\n".join([f"Exercise {self.exercise}", *lines, end])

    def _repr_html_(self) -> str:
        rows = [("&#10003;", "done", each) for each in self.done] + [
            ("&#9675;", "missing", each) for each in self.missing
        ]
        items = "".join(
            f'<li style="list-style:none"><span aria-hidden="true">{mark}</span> '
            f"<em>{word}:</em> {html.escape(each)}</li>"
            for mark, word, each in rows
        )
        end = (
            f"<b>Hint:</b> {html.escape(self.hint)}" if self.hint else "<b>Everything is done. Well done!</b>"
        )
        return (
            f"<div><b>Exercise {html.escape(self.exercise)}</b>"
            f'<ul style="padding-left:0.5em;margin:0.3em 0">{items}</ul>{end}</div>'
        )


def check(exercise: str, room: RoomWidget, **given: Any) -> Checked:
    """Check an exercise of the lessons against the live call.

    Parameters
    ----------
    exercise : str
        Its number in the lesson, such as "4.1".
    room : RoomWidget
        The lesson's room.
    **given : object
        What the exercise asks for, such as ``answer="Ada"``.

    Returns
    -------
    Checked
        True when nothing is missing. Displays itself, with a hint.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for an unknown exercise.
    """
    requirements = EXERCISES.get(exercise)
    if requirements is None:
        near = difflib.get_close_matches(str(exercise), EXERCISES, 1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        msg = f"There is no exercise {exercise!r}. The exercises are {', '.join(EXERCISES)}.{meant}"
        raise InvalidArgumentError("bad_argument", msg)
    holds = [_holds(each, room, given) for each in requirements]
    done = tuple(each.says for each, held in zip(requirements, holds, strict=True) if held)
    missing = [each for each, held in zip(requirements, holds, strict=True) if not held]
    hint = missing[0].hint if missing else None
    return Checked(exercise, done, tuple(each.says for each in missing), hint)


def _holds(requirement: Requirement, room: RoomWidget, given: dict[str, Any]) -> bool:
    try:
        return bool(requirement.holds(room, given))
    except (InvalidArgumentError, LookupError, TypeError, AttributeError, ValueError):
        return False  # the requirement looks at something that does not exist yet
