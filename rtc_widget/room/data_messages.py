"""Data channel messages: bytes are sent unchanged, numpy arrays as .npy files, anything else as JSON."""

from __future__ import annotations

import ast
import io
import json
import math
import struct
import sys
from typing import Any, Final

from ..errors import InvalidArgumentError
from ..plain_numbers import number
from ..protocol.limits import LIMITS
from ..runtime.validation import plain


def encode(data: Any) -> str | bytes:
    """Encode a message.

    Parameters
    ----------
    data : object
        Bytes, an array, or a JSON value.

    Returns
    -------
    str or bytes
        What to send on the data channel.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for other values and for arrays of objects; ``message_too_large``.
    """
    encoded: str | bytes
    if _is_array(data):
        encoded = _pack_array(data)
    elif isinstance(data, bytes | bytearray | memoryview):
        encoded = bytes(data)
    else:
        try:
            encoded = json.dumps(data, allow_nan=False)
            problem = _problem(data)
        except (TypeError, ValueError) as error:
            problem = _problem(data) or str(error)
        except RecursionError:
            problem = "it is nested too deeply"
        if problem:
            msg = f"A message must be bytes, an array or a JSON value: {problem}."
            raise InvalidArgumentError("bad_argument", msg)
    size = len(encoded) if isinstance(encoded, bytes) else len(encoded.encode())
    if size > LIMITS["message_bytes"]:
        raise InvalidArgumentError(
            "message_too_large",
            f"A message may have at most {LIMITS['message_bytes']} bytes, this one has {size}: send it in parts.",
        )
    return encoded


def _problem(data: Any) -> str:
    """Return what JSON cannot hold of a message, where it is, and what to do; empty when there is nothing."""
    seen: set[int] = set()
    rest: list[tuple[str, Any]] = [("", data)]
    while rest:
        place, value = rest.pop()
        at = f"at {place}, " if place else ""
        if isinstance(value, dict | list | tuple):
            if id(value) in seen:  # one that contains itself is refused by `json`
                continue
            seen.add(id(value))
        if isinstance(value, dict):
            if not all(isinstance(key, str | int | float | None) for key in value):
                return f"{at}the keys must be texts"
            keys = [plain(key) if isinstance(key, str) else json.dumps(key) for key in value]
            if len(set(keys)) < len(keys):
                return f"{at}two keys are the same as texts, which JSON makes of all keys"
            rest.extend((f"{place}[{key!r}]", each) for key, each in value.items())
        elif isinstance(value, list | tuple):
            # Most are long lists of numbers.
            rest.extend((f"{place}[{at}]", each) for at, each in enumerate(value) if not _is_number(each))
        elif isinstance(value, float) and not math.isfinite(value):
            return f"{at}{value!r} is no JSON number: send None in its place"
        elif not isinstance(value, str | int | float | None):
            return f"{at}{type(value).__name__} is no JSON value{_hint(value)}"
    return ""


def _is_number(value: Any) -> bool:
    return type(value) is int or (type(value) is float and math.isfinite(value))


def _hint(value: Any) -> str:
    if _is_array(value):
        return ": send the array alone, or .tolist()"
    if number(value) is not None or hasattr(value, "item"):
        return ": convert it with float(x) or .item()"
    return ": convert it to texts, numbers, lists and dicts"


def decode(data: str | bytes) -> Any:
    """Decode a message. Text that is not JSON, which other programs may send, is returned as text.

    Parameters
    ----------
    data : str or bytes
        What came through the data channel.

    Returns
    -------
    object
        An array, bytes, or a JSON value.
    """
    if isinstance(data, str):
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            return data
    return _unpack_array(data) if data.startswith(_NPY) else data


# The format's own first bytes (NEP 1): dtype and shape follow.
_NPY = b"\x93NUMPY"
# How each version writes the length of the header, and its text.
_VERSIONS: Final = {
    1: (struct.Struct("<H"), "latin-1"),
    2: (struct.Struct("<I"), "latin-1"),
    3: (struct.Struct("<I"), "utf-8"),
}
_MOST_HEADER: Final = 10_000


def _is_array(data: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(data, numpy.ndarray)


def _pack_array(data: Any) -> bytes:
    import numpy as np

    if np.ma.isMaskedArray(data):
        msg = "A masked array cannot be sent: array.filled(…) gives what is masked a value."
        raise InvalidArgumentError("bad_argument", msg)
    file = io.BytesIO()
    try:
        np.save(file, np.asarray(data), allow_pickle=False)
    except ValueError as error:
        raise InvalidArgumentError("bad_argument", f"This array cannot be sent: {error}") from None
    return file.getvalue()


def _unpack_array(data: bytes) -> Any:
    """Return the array; the bytes themselves when it is none, or one of objects."""
    try:
        import numpy as np

        return _read_array(np, data)
    # NumPy and Python's parser raise whatever they come across in a header that somebody else has made up.
    except Exception:
        return data


def _read_array(np: Any, data: bytes) -> Any:
    """Read a file as NEP 1 defines it. `numpy.load` makes room for what the header claims before it reads."""
    length, encoding = _VERSIONS[data[len(_NPY)]]
    begin = len(_NPY) + 2 + length.size
    (size,) = length.unpack_from(data, begin - length.size)
    # As long as NumPy takes headers to be harmless to evaluate.
    if size > _MOST_HEADER:
        raise ValueError("header")
    header = ast.literal_eval(data[begin : begin + size].decode(encoding))
    dtype, shape = np.lib.format.descr_to_dtype(header["descr"]), header["shape"]
    order = {True: "F", False: "C"}[header["fortran_order"]]
    if dtype.hasobject or not dtype.itemsize or any(type(each) is not int for each in shape):
        raise ValueError("header")
    # Refuses a shape that takes more than there is; a buffer that can be written to makes such an array.
    return np.ndarray(shape, dtype, bytearray(data[begin + size :]), order=order)
