"""Setting what cannot be set is refused, where Python would take it and nothing would change."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

from ..errors import InvalidArgumentError
from .own_names import own_names


class FixedNames:
    """A class whose methods, and what is only given to its constructor, cannot be set on its instances.

    What users' subclasses add is theirs to set.
    """

    _cannot_be_set: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__module__.partition(".")[0] == __name__.partition(".")[0]:
            cls._cannot_be_set = _reasons(cls)

    def __setattr__(self, name: str, value: object) -> None:
        if name in self._cannot_be_set:
            raise InvalidArgumentError("bad_argument", f"{name!r} cannot be set: {self._cannot_be_set[name]}")
        super().__setattr__(name, value)


def _reasons(cls: type) -> Mapping[str, str]:
    methods = {
        name: f"it is a method, so call it: {name}(…)."
        for name in own_names(cls)
        if callable(inspect.getattr_static(cls, name))
    }
    given = {
        name: f"it is given when a {cls.__name__} is made, {cls.__name__}(…, {name}=…), and stays as it is."
        for name in inspect.signature(cls).parameters
        if not hasattr(cls, name)
    }
    return {**methods, **given}
