"""What an exercise requires, and what can be said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Given = Mapping[str, Any]
"""What a student handed to `check`."""


@dataclass(frozen=True, slots=True)
class NotSo:
    """The verdict on something that was done, and is not it.

    Attributes
    ----------
    reason : str
        What it is instead, as a teacher would say it: never the answer itself.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of an exercise.

    Attributes
    ----------
    says : str
        The requirement, as the student reads it.
    hint : str
        Where to look while there is nothing to judge.
    judge : callable
        Takes the room and the student's arguments. Returns something true when the requirement is met, something false
        when it is not yet, and `NotSo` when what is there is wrong.
    lasts : bool
        Whether it must hold for a while, because for a moment it is true of everybody: "not connected" is.
    asks : str
        The argument that the student is asked for. While it is missing, nothing is waited for.
    """

    says: str
    hint: str
    judge: Callable[[Any, Given], object]
    lasts: bool = False
    asks: str = ""
