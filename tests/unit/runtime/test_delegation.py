"""Methods of a facade that are its parts' own."""

from __future__ import annotations

import inspect
from operator import attrgetter
from typing import Any

import pytest

from rtc_widget.errors import InvalidCallError
from rtc_widget.runtime.delegation import delegate


class Engine:
    """A part."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def start(self, gear: int, *, slowly: bool = False) -> str:
        """Start."""
        self.calls.append((gear, slowly))
        return "runs"


class Car:
    """A facade."""

    def __init__(self) -> None:
        self._engine = Engine()

    start = delegate(attrgetter("_engine"), Engine.start)


def test_a_call_reaches_the_part_with_all_that_was_given() -> None:
    car = Car()

    assert car.start(2, slowly=True) == "runs"

    assert car._engine.calls == [(2, True)]


def test_the_method_has_the_parts_signature_and_documentation() -> None:
    assert inspect.signature(Car.start) == inspect.signature(Engine.start)
    assert Car.start.__doc__ == "Start."
    assert Car.start.__name__ == "start"


def test_each_facade_has_a_part_of_its_own() -> None:
    one, other = Car(), Car()

    one.start(1)

    assert other._engine.calls == []


def test_what_the_part_does_not_take_is_refused() -> None:
    start: Any = Car().start

    with pytest.raises(TypeError):
        start(1, quickly=True)


def test_a_call_that_does_not_fit_is_refused_by_the_methods_name_alone() -> None:
    with pytest.raises(InvalidCallError, match=r"^start has no argument 'slow'\. Did you mean 'slowly'\?"):
        Car().start(2, slow=True)  # type: ignore[call-arg]
