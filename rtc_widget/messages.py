"""Data channel messages: bytes travel as they are, anything else as JSON text."""

from __future__ import annotations

import json
from typing import Any

from .errors import InvalidArgumentError
from .protocol import LIMITS


def encode(data: Any) -> str | bytes:
    """Return what is put on the data channel.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for what JSON cannot hold, ``message_too_large``.
    """
    encoded: str | bytes
    if isinstance(data, bytes | bytearray | memoryview):
        encoded = bytes(data)
    else:
        try:
            encoded = json.dumps(data, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InvalidArgumentError(
                "bad_argument", f"A message is bytes or what JSON holds: {error}."
            ) from None
    size = len(encoded) if isinstance(encoded, bytes) else len(encoded.encode())
    if size > LIMITS["message_bytes"]:
        raise InvalidArgumentError(
            "message_too_large",
            f"A message may have {LIMITS['message_bytes']} bytes, this one has {size}: send it in parts.",
        )
    return encoded
