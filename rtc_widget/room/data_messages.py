"""Data channel messages: bytes are sent unchanged, numpy arrays as .npy files, anything else as JSON."""

from __future__ import annotations

import ast
import io
import json
import struct
import sys
from typing import Any, Final

from ..errors import InvalidArgumentError
from ..protocol.limits import LIMITS


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
        except (TypeError, ValueError) as error:
            raise InvalidArgumentError(
                "bad_argument", f"A message must be bytes, an array or a JSON value: {error}."
            ) from None
    size = len(encoded) if isinstance(encoded, bytes) else len(encoded.encode())
    if size > LIMITS["message_bytes"]:
        raise InvalidArgumentError(
            "message_too_large",
            f"A message may have at most {LIMITS['message_bytes']} bytes, this one has {size}: send it in parts.",
        )
    return encoded


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
