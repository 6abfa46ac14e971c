"""What cannot be set says so."""

from __future__ import annotations

from typing import Any

import pytest
from traitlets import HasTraits, Int

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.runtime.fixed_names import FixedNames


class Source(FixedNames, HasTraits):
    __module__ = "rtc_widget"

    volume = Int(1)

    def __init__(self, size: int, volume: int = 1) -> None:
        super().__init__(volume=volume)
        self._size = size

    def mute(self) -> None:
        """Set the volume to 0."""

    @property
    def size_now(self) -> int:
        return self._size


def test_what_is_given_to_the_constructor_cannot_be_set_later() -> None:
    source: Any = Source(3)
    with pytest.raises(
        InvalidArgumentError,
        match=r"'size' cannot be set: it is given when a Source is made, Source\(…, size=…\)",
    ):
        source.size = 4


def test_a_method_cannot_be_replaced_by_what_was_meant_to_be_passed_to_it() -> None:
    source: Any = Source(3)
    with pytest.raises(
        InvalidArgumentError, match=r"'mute' cannot be set: it is a method, so call it: mute\(…\)"
    ):
        source.mute = True
    source.mute()


def test_traits_and_names_of_the_users_own_can_be_set() -> None:
    source: Any = Source(3)
    source.volume, source.note = 5, "mine"
    assert (source.volume, source.note) == (5, "mine")


def test_what_a_subclass_adds_is_its_own_to_set() -> None:
    class Camera(Source):
        def __init__(self, size: int, lens: str) -> None:
            super().__init__(size)
            self.lens = lens

        def zoom(self) -> None: ...

    camera: Any = Camera(3, "wide")
    camera.zoom = "ours to break"
    assert camera.lens == "wide"
    with pytest.raises(InvalidArgumentError, match="'size' cannot be set"):
        camera.size = 4
