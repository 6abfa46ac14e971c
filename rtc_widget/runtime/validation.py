"""Checks of what users pass, before anything is opened."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ..errors import InvalidArgumentError, ProtocolError
from ..protocol.validate import check_name, check_room

MIN_SIDE: Final = 16
MAX_SIDE: Final = 4096


def check_names(room: object, name: object) -> None:
    """Refuse what cannot name a room or a participant; a name of None is one that is still to be made."""
    try:
        check_room(room)
        if name is not None:
            check_name(name)
    except ProtocolError as error:
        raise InvalidArgumentError(error.code, error.message) from None


def check_choice(what: str, value: object, choices: Sequence[Any]) -> None:
    """Refuse what is not among the choices, with the nearest that is."""
    if any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
        return
    hint = _nearest(str(value), [choice for choice in choices if isinstance(choice, str)])
    msg = f"{what} is one of {', '.join(map(repr, choices))}, not {value!r}.{hint}"
    raise InvalidArgumentError("bad_argument", msg)


def check_size(value: Any) -> tuple[int, int]:
    """Return (width, height) in pixels."""
    try:
        width, height = map(operator.index, value)
        if all(MIN_SIDE <= side <= MAX_SIDE for side in (width, height)):
            return width, height
    except (TypeError, ValueError):
        pass
    msg = f"resolution is (width, height) in pixels, each {MIN_SIDE} to {MAX_SIDE}, not {value!r}."
    raise InvalidArgumentError("bad_argument", msg)


def check_ice_servers(servers: Iterable[Any]) -> list[dict[str, Any]]:
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


def refuse_keywords(whose: str, unknown: Iterable[str], known: Sequence[str]) -> None:
    """Raise TypeError for the first unknown keyword, with the nearest that is known."""
    for keyword in unknown:
        hint = _nearest(keyword, known) or f" Known: {', '.join(known)}."
        msg = f"{whose} has no argument {keyword!r}.{hint}"
        raise TypeError(msg)


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, 1)
    return f" Did you mean {near[0]!r}?" if near else ""
