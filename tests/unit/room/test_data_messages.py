"""What is put on the data channel, and what is made of it again."""

from __future__ import annotations

import struct
import tracemalloc
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


DEEP: list[Any] = []
for _level in range(100_000):
    DEEP = [DEEP]
LOOP: list[Any] = []
LOOP.append({"again": LOOP})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            {"loss": np.float32(1)},
            r"at \['loss'\], float32 is no JSON value: convert it with float\(x\) or \.item\(\)",
        ),
        ([{"n": np.int64(1)}], r"at \[0\]\['n'\], int64 is no JSON value: convert it with"),
        ({"ok": np.True_}, r"at \['ok'\], bool_? is no JSON value: convert it with"),
        ({"loss": float("nan")}, r"at \['loss'\], nan is no JSON number: send None"),
        (float("inf"), "inf is no JSON number"),
        ({"x": np.zeros(3)}, "send the array alone"),
        ({"x": {1}}, r"at \['x'\], set is no JSON value"),
        ({1: "a", "1": "b"}, "two keys are the same as texts"),
        ({"x": {None: 1, "null": 2}}, r"at \['x'\], two keys are the same"),
        ({(1, 2): 3}, "keys must be texts"),
        (DEEP, "nested too deeply"),
        (LOOP, "Circular"),
        (np.ma.masked_array([1, 2], [True, False]), r"array\.filled"),
    ],
    ids=lambda each: str(each)[:30] if isinstance(each, str) else type(each).__name__,
)
def test_what_cannot_be_sent_is_named_with_its_place_and_what_to_do(data: Any, said: str) -> None:
    with pytest.raises(InvalidArgumentError, match=said) as refused:
        encode(data)
    assert refused.value.code == "bad_argument"


def test_keys_that_are_numbers_may_be_sent_when_none_is_lost() -> None:
    same = [1]
    assert decode(encode({1: same, 2.5: same, "a": None})) == {"1": [1], "2.5": [1], "a": None}


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


def npy(header: str, data: bytes, version: int = 1) -> bytes:
    """Return a file of NEP 1 with any header."""
    text = header.encode()
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + data


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_array_with_a_bad_header_stays_bytes(version: int) -> None:
    headers = [
        "{" * 60,
        "(" * 9_000,
        "[1]",
        "{1: 2, 'descr': 3}",
        "{'descr': '\\d', 'fortran_order': False, 'shape': (8,)}",
        "{'descr': {}, 'fortran_order': False, 'shape': (2,)}",
        "{'descr': [('a',)], 'fortran_order': False, 'shape': (8,)}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (8,)}",
        "{'descr': 'V0', 'fortran_order': False, 'shape': (1000000000000,)}",
        "{'descr': '<f8', 'fortran_order': 3, 'shape': (8,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (True, 8)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -8)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4611686018427387904)}",
        f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({'1, ' * 100})}}",
        f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({'9' * 5_000},)}}",
    ]
    messages = [npy(header, b"x" * 64, version) for header in headers]

    assert [decode(message) for message in messages] == messages


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_of_the_format_is_read(version: int) -> None:
    message = npy("{'descr': '<f8', 'fortran_order': True, 'shape': (4, 2), }\n", b"\0" * 64, version)

    assert decode(message).shape == (4, 2)


@pytest.mark.parametrize("count", [9, 10**8, 10**11])
def test_no_memory_is_taken_for_more_than_what_came(count: int) -> None:
    message = npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({count},)}}", b"x" * 64)

    tracemalloc.start()
    assert decode(message) == message
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(
    "array",
    [
        np.array(3.5),
        np.zeros((0, 3)),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.array(["ä", "bcd"]),
        np.array([(1, 2.5)], dtype=[("ä", "i4"), ("b", "f8", (1,))]),
        np.array(["2026-01-01"], dtype="datetime64[D]"),
    ],
    ids=["scalar", "empty", "fortran", "text", "fields", "dates"],
)
def test_whatever_array_can_be_sent_arrives_and_can_be_written_to(array: Any) -> None:
    came = decode(encode(array))

    assert (came.dtype, came.shape) == (array.dtype, array.shape)
    assert np.array_equal(came, array)
    assert came.flags.writeable
