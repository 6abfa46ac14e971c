"""The exercises of the lessons in ``notebooks/``, by number: what each requires, and how it is judged."""

from __future__ import annotations

from typing import Final

from .breaking import BREAKING
from .bugs import BUGS
from .joining import JOINING
from .media import MEDIA
from .negotiating import NEGOTIATING
from .networks import NETWORKS
from .predicted import PREDICTED
from .requirement import Requirement

_ALL: Final = {**JOINING, **NEGOTIATING, **PREDICTED, **MEDIA, **BREAKING, **BUGS, **NETWORKS}
EXERCISES: Final[dict[str, tuple[Requirement, ...]]] = dict(
    sorted(_ALL.items(), key=lambda each: [int(part) for part in each[0].split(".")])
)
"""The requirements of each exercise, in the order in which they are met."""
