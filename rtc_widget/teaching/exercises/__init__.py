"""The exercises of the lessons in ``notebooks/``, by number: what each requires, and how it is judged."""

from __future__ import annotations

from typing import Final

from .breaking import BREAKING
from .media import MEDIA
from .negotiating import NEGOTIATING
from .requirement import Requirement

EXERCISES: Final[dict[str, tuple[Requirement, ...]]] = {**NEGOTIATING, **MEDIA, **BREAKING}
"""The requirements of each exercise, in the order in which they are met."""
