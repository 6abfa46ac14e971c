"""Checks of user arguments, before anything is opened."""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ..errors import InvalidArgumentError, ProtocolError
from ..protocol.validate import check_name, check_room

MIN_SIDE: Final = 16
MAX_SIDE: Final = 4096
MAX_PIXELS: Final = MAX_SIDE * MAX_SIDE


def check_names(room: object, name: object) -> None:
    """Check the names of a room and a participant.

    Parameters
    ----------
    room : object
        The room's name.
    name : object
        The participant's name, None for one that is generated later.

    Raises
    ------
    InvalidArgumentError
        ``bad_room`` or ``bad_name``.
    """
    try:
        check_room(room)
        if name is not None:
            check_name(name)
    except ProtocolError as error:
        raise InvalidArgumentError(error.code, error.message) from None


def check_choice(what: str, value: object, choices: Sequence[Any]) -> None:
    """Check that a value is one of several.

    Parameters
    ----------
    what : str
        The argument's name, for the error message.
    value : object
        The value.
    choices : sequence
        The allowed values.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``, with the nearest allowed value.
    """
    if any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
        return
    hint = nearest(str(value), [choice for choice in choices if isinstance(choice, str)])
    msg = f"{what} must be one of {', '.join(map(repr, choices))}, not {value!r}.{hint}"
    raise InvalidArgumentError("bad_argument", msg)


def number(value: object) -> float | None:
    """Return a number, whatever library it is from: numpy's, a fraction, a tensor of one element.

    Parameters
    ----------
    value : object
        What the user passed.

    Returns
    -------
    float or None
        None for what is no finite number, such as a text or a flag.
    """
    # A text converts too, and so does an array of one element, which is a mistake elsewhere.
    if isinstance(value, str | bytes | bytearray | bool) or not hasattr(value, "__float__"):
        return None
    if str(getattr(value, "dtype", "")) == "bool" or getattr(value, "ndim", 0) != 0:
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def check_size(value: Any) -> tuple[int, int]:
    """Check a frame size.

    Parameters
    ----------
    value : object
        What the user passed.

    Returns
    -------
    (int, int)
        Width and height, px.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """
    try:
        width, height = map(operator.index, value)
        if all(MIN_SIDE <= side <= MAX_SIDE for side in (width, height)):
            return width, height
    except (TypeError, ValueError):
        pass
    msg = f"resolution must be (width, height) in pixels, each {MIN_SIDE} to {MAX_SIDE}, not {value!r}."
    raise InvalidArgumentError("bad_argument", msg)


def check_ice_servers(servers: Iterable[Any]) -> list[dict[str, Any]]:
    """Check and normalize ``RTCIceServer`` dictionaries (W3C webrtc, 4.2.4).

    Parameters
    ----------
    servers : iterable
        What the user passed.

    Returns
    -------
    list of dict
        Dictionaries whose ``urls`` are lists and whose other values are texts.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """
    checked = []
    for server in servers:
        urls = server.get("urls") if isinstance(server, Mapping) else None
        urls = [urls] if isinstance(urls, str) else urls
        if not isinstance(urls, list | tuple) or not urls or not all(map(_is_ice_url, urls)):
            msg = 'An ICE server must be {"urls": "stun:… or turn:…", "username": …, "credential": …}.'
            raise InvalidArgumentError("bad_argument", msg)
        extras = {key: str(server[key]) for key in ("username", "credential") if server.get(key) is not None}
        checked.append({"urls": list(urls), **extras})
    return checked


def _is_ice_url(url: object) -> bool:
    return isinstance(url, str) and url.startswith(("stun:", "stuns:", "turn:", "turns:"))


def nearest(word: str, known: Sequence[str]) -> str:
    """Return a sentence that guesses what a misspelt word was meant to be.

    Parameters
    ----------
    word : str
        The word.
    known : sequence of str
        What it may be.

    Returns
    -------
    str
        With a space before it; empty when nothing is near.
    """
    near = difflib.get_close_matches(word, known, 1)
    return f" Did you mean {near[0]!r}?" if near else ""
