"""Checks of what users pass to a `Peer`, before anything is opened."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidArgumentError
from .frame import MAX_SIDE
from .transform import Transform


def check_rate(fps: object) -> float:
    """Return a frame rate that can be kept to."""
    if not isinstance(fps, int | float) or isinstance(fps, bool) or not 0 < fps <= 1000:
        raise InvalidArgumentError("bad_argument", f"fps is a number above 0 and at most 1000, not {fps!r}.")
    return float(fps)


def check_size(size: Any) -> tuple[int, int]:
    """Return (width, height) in even numbers."""
    try:
        width, height = (int(side) for side in size)
    except (TypeError, ValueError):
        width = height = 0
    if not (16 <= width <= MAX_SIDE and 16 <= height <= MAX_SIDE):
        msg = f"resolution is (width, height), each 16 to {MAX_SIDE} px, not {size!r}."
        raise InvalidArgumentError("bad_argument", msg)
    return width - width % 2, height - height % 2


def check_ice_servers(servers: Any) -> list[dict[str, Any]]:
    """Return ``RTCIceServer`` dictionaries as lists and text that can be handed on (W3C webrtc, 4.2.4)."""
    checked = []
    for server in servers:
        urls = server.get("urls") if isinstance(server, Mapping) else None
        urls = [urls] if isinstance(urls, str) else urls
        if not isinstance(urls, list | tuple) or not urls or not all(map(_is_ice_url, urls)):
            msg = 'An ICE server is {"urls": "stun:… or turn:…", "username": …, "credential": …}.'
            raise InvalidArgumentError("bad_argument", msg)
        extras = {key: str(server[key]) for key in ("username", "credential") if server.get(key) is not None}
        checked.append({"urls": list(urls), **extras})
    return checked


def _is_ice_url(url: object) -> bool:
    return isinstance(url, str) and url.startswith(("stun:", "stuns:", "turn:", "turns:"))


def check_transform(function: object, run: object) -> None:
    """Refuse what cannot be a transform."""
    if run not in ("kernel", "peer"):
        raise InvalidArgumentError("bad_argument", f"run is 'kernel' or 'peer', not {run!r}.")
    if function is not None and not callable(function):
        msg = f"transform is a function of a picture, not {type(function).__name__}."
        raise InvalidArgumentError("bad_transform", msg)


def pickled(function: Transform) -> bytes:
    """Return a function as the peer's process can load it."""
    hint = 'put it into a module that can be imported, or leave run="peer" out'
    if getattr(function, "__module__", None) == "__main__":
        msg = f"A function of the notebook's own cannot be handed to the peer's process: {hint}."
        raise InvalidArgumentError("bad_transform", msg)
    try:
        # With the way to modules that the notebook has learned since.
        return pickle.dumps((list(map(str, sys.path)), pickle.dumps(function)))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InvalidArgumentError(
            "bad_transform", f"The function cannot be pickled ({error}): {hint}."
        ) from None
