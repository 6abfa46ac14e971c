"""Checks of what users pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.runtime import validation


@pytest.mark.parametrize(
    ("room", "name", "code"),
    [
        ("", "Ada", "bad_room"),
        ("demo", " ", "bad_name"),
        (7, None, "bad_room"),
        ("a" * 129, None, "bad_room"),
    ],
)
def test_a_bad_name_is_refused_with_its_own_code(room: object, name: object, code: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        validation.check_names(room, name)

    assert refused.value.code == code


def test_a_name_that_is_still_to_be_made_is_none_to_refuse() -> None:
    validation.check_names("demo", None)


def test_a_choice_that_there_is_not_is_refused_with_the_nearest() -> None:
    validation.check_choice("video", "camera", ("camera", False))
    validation.check_choice("video", False, ("camera", False))

    with pytest.raises(InvalidArgumentError, match="Did you mean 'camera'"):
        validation.check_choice("video", "kamera", ("camera", False))


def test_zero_is_not_false() -> None:
    with pytest.raises(InvalidArgumentError):
        validation.check_choice("video", 0, ("camera", False))


@pytest.mark.parametrize("size", [(640, 360), [16, 4096], np.array([640, 360])])
def test_a_size_is_two_whole_numbers(size: Any) -> None:
    assert validation.check_size(size) == tuple(map(int, size))


@pytest.mark.parametrize(
    "size", [(640,), (640, 360, 1), (15, 360), (640, 4097), (640.0, 360), "640x360", None, 640]
)
def test_what_is_no_size_is_refused(size: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="each 16 to 4096"):
        validation.check_size(size)


def test_ice_servers_are_lists_of_urls_with_what_else_they_need() -> None:
    servers = [
        {"urls": "stun:example.org"},
        {"urls": ("turn:example.org", "turns:example.org"), "username": "ada", "credential": 7, "x": 1},
    ]

    assert validation.check_ice_servers(servers) == [
        {"urls": ["stun:example.org"]},
        {"urls": ["turn:example.org", "turns:example.org"], "username": "ada", "credential": "7"},
    ]


@pytest.mark.parametrize(
    "server", [{"urls": []}, {"urls": "http://example.org"}, {"urls": [7]}, {}, "stun:example.org"]
)
def test_what_is_no_ice_server_is_refused(server: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="An ICE server must be"):
        validation.check_ice_servers([server])
