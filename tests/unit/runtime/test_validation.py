"""Checks of what users pass."""

from __future__ import annotations

from enum import Enum, StrEnum
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


def test_who_has_no_name_is_a_guest() -> None:
    assert validation.check_names("demo", "Ada") == ("demo", "Ada")
    assert validation.check_names("demo", None)[1].startswith("Guest ")


class Older(str, Enum):  # noqa: UP042
    URL = "stun:example.org"


@pytest.mark.parametrize("word", [Older.URL, StrEnum("Newer", {"URL": "stun:example.org"}).URL], ids=repr)  # type: ignore[attr-defined]
def test_a_member_of_an_enumeration_is_the_text_that_it_is(word: Any) -> None:
    text = "stun:example.org"
    server = {"urls": word, "username": word, "credential": word}

    names = validation.check_names(word, word)
    servers = validation.check_ice_servers([server])

    assert names == (text, text)
    assert list(map(type, names)) == [str, str]
    assert repr(servers) == repr([{"urls": [text], "username": text, "credential": text}])


def test_a_choice_that_there_is_not_is_refused_with_the_nearest() -> None:
    validation.check_choice("video", "camera", ("camera", False))
    validation.check_choice("video", False, ("camera", False))

    with pytest.raises(InvalidArgumentError, match="Did you mean 'camera'"):
        validation.check_choice("video", "kamera", ("camera", False))


def test_what_differs_in_capitals_alone_is_the_nearest() -> None:
    assert validation.nearest("bob", ["Bob", "bot"]) == " Did you mean 'Bob'?"
    assert validation.nearest("ADA", ["Bob", "Ada"]) == " Did you mean 'Ada'?"
    assert validation.nearest("bo", ["Bob", "bot"]) == " Did you mean 'bot'?"


def test_what_is_switched_on_by_its_name_says_so_to_who_passes_true() -> None:
    with pytest.raises(InvalidArgumentError, match=r"not True\. Did you mean video='camera'\?"):
        validation.check_choice("video", True, ("camera", False))
    with pytest.raises(InvalidArgumentError, match=r"not None\. Did you mean audio=False\?"):
        validation.check_choice("audio", None, ("microphone", "tone", False))


def test_zero_is_not_false() -> None:
    with pytest.raises(InvalidArgumentError):
        validation.check_choice("video", 0, ("camera", False))


@pytest.mark.parametrize("size", [(640, 360), [16, 4096], np.array([640, 360])])
def test_a_size_is_two_whole_numbers(size: Any) -> None:
    assert validation.check_size("resolution", size) == tuple(map(int, size))


@pytest.mark.parametrize(
    "size", [(640,), (640, 360, 1), (15, 360), (640, 4097), (640.0, 360), "640x360", None, 640]
)
def test_what_is_no_size_is_refused(size: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="each 16 to 4096"):
        validation.check_size("resolution", size)


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


@pytest.mark.parametrize("given", [0, 1.5, np.float32(2), 10**6])
def test_a_timeout_is_a_number_of_seconds(given: Any) -> None:
    assert validation.check_timeout(given) == float(given)


@pytest.mark.parametrize("given", [None, "x", float("inf"), float("nan"), -1, 1e300, True])
def test_what_nobody_can_wait_for_is_refused(given: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="timeout must be a number of seconds") as refused:
        validation.check_timeout(given)
    assert refused.value.code == "bad_argument"


def test_what_cannot_be_called_is_refused() -> None:
    validation.check_callable("callback", len)

    with pytest.raises(InvalidArgumentError, match="callback must be a function, not 5"):
        validation.check_callable("callback", 5)


def test_a_flag_is_true_false_or_left_out() -> None:
    validation.check_flags(audio=True, video=None)
    validation.check_flags(audio=np.False_, video=np.True_)

    for wrong in ("x", 1, 2, 1.0, [True]):
        with pytest.raises(InvalidArgumentError, match="video must be True or False"):
            validation.check_flags(audio=True, video=wrong)


def test_a_flag_that_is_needed_cannot_be_left_out() -> None:
    assert validation.check_flag("private", np.True_) is True

    with pytest.raises(InvalidArgumentError, match="private must be True or False, not None"):
        validation.check_flag("private", None)


@pytest.mark.parametrize("given", [{"urls": "stun:example.org"}, "stun:example.org", None, 3478])
def test_one_ice_server_is_no_list_of_them(given: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r'^ice_servers is a list: \[{"urls": "stun:'):
        validation.check_ice_servers(given)
