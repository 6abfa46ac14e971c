"""A call that does not fit is refused in words that help."""

from __future__ import annotations

import inspect

import pytest

from rtc_widget.errors import InvalidArgumentError, InvalidCallError
from rtc_widget.runtime.signatures import explained


class Room:
    @explained
    def __init__(self, room: str, *, name: str = "", video: str = "camera") -> None:
        self.said = room, name, video

    @explained
    def mute(self, *, audio: bool = True) -> bool:
        return audio

    @explained
    def close(self) -> str:
        return "closed"


def test_a_call_that_fits_is_made():
    assert Room("demo", name="Ada").said == ("demo", "Ada", "camera")
    assert Room("demo").close() == "closed"


def test_the_signature_is_the_methods_own():
    assert list(inspect.signature(Room).parameters) == ["room", "name", "video"]


@pytest.mark.parametrize(
    ("args", "kwargs", "why"),
    [
        (("demo",), {"nme": "Ada"}, r"Room has no argument 'nme'\. Did you mean 'name'\?"),
        (("demo",), {"source": "camera"}, r"Room has no argument 'source'\. Did you mean video=…\?"),
        (("demo",), {"microphone": True}, r"Room has no argument 'microphone'\. Known: "),
        (("demo",), {"xyzzy": 1}, r"Room has no argument 'xyzzy'\. Known: room, name, video\."),
        (("demo", "Ada"), {}, r"Only room has no keyword: name='Ada'\?"),
        ((), {"name": "Ada"}, r"Room needs room: Room\(room=…\)\."),
        (("demo",), {"room": "other"}, r"Room was given room twice\."),
    ],
)
def test_what_does_not_fit_is_named(args, kwargs, why):
    with pytest.raises(InvalidCallError, match=why) as refused:
        Room(*args, **kwargs)

    assert refused.value.code == "bad_argument"
    assert isinstance(refused.value, TypeError)
    assert isinstance(refused.value, InvalidArgumentError)


def test_a_method_that_takes_nothing_says_so():
    with pytest.raises(InvalidCallError, match=r"^close takes nothing, and not 'now' as well"):
        Room("demo").close("now")


def test_a_function_says_what_it_needs():
    @explained
    def explain(text: str, *more: str, private: bool = True) -> str:
        return text

    assert explain("a=mid:0") == "a=mid:0"
    with pytest.raises(InvalidCallError, match=r"^explain needs text: explain\(text=…\)\."):
        explain()
    with pytest.raises(InvalidCallError, match=r"^explain has no argument 'mor'\. Known: text, private\."):
        explain("a=mid:0", mor=1)


def test_a_method_that_takes_keywords_only_names_the_first():
    assert Room("demo").mute(audio=False) is False
    with pytest.raises(InvalidCallError, match=r"^mute takes keywords only: audio=False\?"):
        Room("demo").mute(False)


@pytest.mark.parametrize("whom", ["Bob", 7])
def test_whom_one_cannot_mute_is_said(whom: object) -> None:
    with pytest.raises(
        InvalidCallError, match=rf"^mute\(\) is for one's own sound and picture, not for {whom!r}"
    ):
        Room("demo").mute(whom)
