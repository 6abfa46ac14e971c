"""What is put on the data channel, and what is made of it again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.protocol.limits import LIMITS
from rtc_widget.room.data_messages import decode, encode


@pytest.mark.parametrize("data", [None, True, 1.5, "text", [1, {"a": "ä"}], b"", b"bytes"])
def test_what_is_sent_is_what_comes(data: Any) -> None:
    assert decode(encode(data)) == data


@pytest.mark.parametrize("data", [bytearray(b"ab"), memoryview(b"ab")])
def test_whatever_has_bytes_travels_as_bytes(data: Any) -> None:
    assert encode(data) == b"ab"


@pytest.mark.parametrize("dtype", ["uint8", "float32", ">i4"])
def test_an_array_keeps_its_shape_and_type(dtype: str) -> None:
    array = np.arange(6).reshape(2, 3).astype(dtype)

    came = decode(encode(array))

    assert came.dtype == array.dtype
    assert np.array_equal(came, array)


@pytest.mark.parametrize("data", [{1, 2}, object(), float("nan"), np.array([object()])])
def test_what_json_cannot_hold_is_refused(data: Any) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        encode(data)
    assert refused.value.code == "bad_argument"


@pytest.mark.parametrize("make", [lambda size: b"x" * size, lambda size: "x" * (size - 2)])
def test_a_message_that_is_too_large_says_how_large_it_is(make: Any) -> None:
    most = LIMITS["message_bytes"]
    encode(make(most))

    with pytest.raises(InvalidArgumentError, match=str(most + 1)) as refused:
        encode(make(most + 1))
    assert refused.value.code == "message_too_large"


def test_the_size_is_that_of_the_bytes_and_not_of_the_letters() -> None:
    # As JSON has them: six letters each.
    with pytest.raises(InvalidArgumentError, match="send it in parts"):
        encode("ä" * (LIMITS["message_bytes"] // 6 + 1))


@pytest.mark.parametrize("text", ["plain words", "{", "[" * 100_000])
def test_text_that_is_no_json_stays_text(text: str) -> None:
    assert decode(text) == text


def test_bytes_that_only_begin_like_an_array_stay_bytes() -> None:
    assert decode(b"\x93NUMPY") == b"\x93NUMPY"
    assert decode(encode(np.zeros(4))[:-1]) == encode(np.zeros(4))[:-1]
