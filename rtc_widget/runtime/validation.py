"""Checks of user arguments, before anything is opened."""

from __future__ import annotations

import difflib
import operator
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, SupportsIndex, TypeVar

from ..errors import InvalidArgumentError, ProtocolError, UnknownPlaceError
from ..plain_numbers import number
from ..protocol.validate import check_name, check_room

MIN_SIDE: Final = 16
MAX_SIDE: Final = 4096
MAX_PIXELS: Final = MAX_SIDE * MAX_SIDE

T = TypeVar("T")

_LONGEST: Final = 1e6


def plain(text: str) -> str:
    """Return a text as the builtin, as other processes and pages know it, whatever subclass it is of.

    Parameters
    ----------
    text : str
        Such as a member of an enumeration.

    Returns
    -------
    str
        Its value; `str` of it may be something else.
    """
    return str.__str__(text)


def check_names(room: object, name: object) -> tuple[str, str]:
    """Check the names of a room and a participant.

    Parameters
    ----------
    room : object
        The room's name.
    name : object
        The participant's name, None for a short "Guest …".

    Returns
    -------
    (str, str)
        Both, as builtins.

    Raises
    ------
    InvalidArgumentError
        ``bad_room`` or ``bad_name``.
    """
    try:
        checked = check_room(room)
        named = check_name(f"Guest {secrets.token_hex(2)}" if name is None else name)
    except ProtocolError as error:
        raise InvalidArgumentError(error.code, error.message) from None
    return plain(checked), plain(named)


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
    if (value is True or value is None) and any(choice is False for choice in choices):
        # What can be switched off is switched on by the name of what there is.
        hint = f" Did you mean {what}={choices[0] if value else False!r}?"
    msg = f"{what} must be one of {', '.join(map(repr, choices))}, not {value!r}.{hint}"
    raise InvalidArgumentError("bad_argument", msg)


def check_number(what: str, value: object) -> float:
    """Check that a value is a finite number.

    Parameters
    ----------
    what : str
        The argument's name, for the error message.
    value : object
        The value to check.

    Returns
    -------
    float
        The number.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for what is not a number, is infinite or NaN, or does not fit into a float.
    """
    found = number(value)
    if found is not None:
        return found
    if isinstance(value, int) and not isinstance(value, bool):
        raise InvalidArgumentError("bad_argument", f"{what} must be a smaller number.")
    raise InvalidArgumentError("bad_argument", f"{what} must be a finite number, not {value!r}.")


def at_place(items: Sequence[T], index: SupportsIndex, what: str, code: str = "bad_argument") -> T:
    """Return what is at a place of a list.

    Parameters
    ----------
    items : sequence
        The list.
    index : SupportsIndex
        The place, from 0 on; negative ones count from the end.
    what : str
        What the list is of, in the singular.
    code : str
        The error's.

    Returns
    -------
    object
        The item.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for what is no place.
    UnknownPlaceError
        An `IndexError` that says which places there are.
    """
    if not isinstance(index, SupportsIndex):
        raise InvalidArgumentError("bad_argument", f"A {what} has a place, which is a number, not {index!r}.")
    try:
        return items[index.__index__()]
    except IndexError:
        last = len(items) - 1
        there = (
            f"they are numbered from 0 to {last}"
            if last > 0
            else "there is only 0"
            if last == 0
            else "there is none"
        )
        raise UnknownPlaceError(code, f"There is no {what} {index}: {there}.") from None


def check_timeout(value: object) -> float:
    """Check how long something may take.

    Parameters
    ----------
    value : object
        What the user passed.

    Returns
    -------
    float
        Seconds.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """
    lasts = number(value)
    if lasts is None or not 0 <= lasts <= _LONGEST:
        msg = f"timeout must be a number of seconds from 0 to {_LONGEST:.0f}, not {value!r}."
        raise InvalidArgumentError("bad_argument", msg)
    return lasts


def check_callable(what: str, value: object) -> None:
    """Check that a value can be called.

    Parameters
    ----------
    what : str
        The argument's name, for the error message.
    value : object
        What the user passed.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """
    if not callable(value):
        raise InvalidArgumentError("bad_argument", f"{what} must be a function, not {value!r}.")


def check_flag(what: str, value: object) -> bool:
    """Check that a value is true or false: other values, such as "no", would count as true.

    Parameters
    ----------
    what : str
        The argument's name, for the error message.
    value : object
        What the user passed.

    Returns
    -------
    bool
        The value, which may be NumPy's.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """
    if type(value).__name__ not in ("bool", "bool_"):
        raise InvalidArgumentError("bad_argument", f"{what} must be True or False, not {value!r}.")
    return bool(value)


def check_flags(**flags: object) -> None:
    """Check flags that may be left out, by the arguments' names; see `check_flag`.

    Parameters
    ----------
    **flags : object
        What the user passed; None for what was left out.
    """
    for what, value in flags.items():
        if value is not None:
            check_flag(what, value)


def check_size(what: str, value: Any) -> tuple[int, int]:
    """Check a frame size.

    Parameters
    ----------
    what : str
        The argument's name, for the error message.
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
    msg = f"{what} must be (width, height) in pixels, each {MIN_SIDE} to {MAX_SIDE}, not {value!r}."
    raise InvalidArgumentError("bad_argument", msg)


def check_server_list(servers: object) -> None:
    """Check that ICE servers come as a list, whatever is in it.

    Parameters
    ----------
    servers : object
        What the user passed.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``, also for one server by itself.
    """
    if isinstance(servers, str | Mapping) or not isinstance(servers, Iterable):
        msg = 'ice_servers is a list: [{"urls": "stun:… or turn:…"}].'
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
    check_server_list(servers)
    checked = []
    for server in servers:
        urls = server.get("urls") if isinstance(server, Mapping) else None
        urls = [urls] if isinstance(urls, str) else urls
        if not isinstance(urls, list | tuple) or not urls or not all(map(_is_ice_url, urls)):
            msg = 'An ICE server must be {"urls": "stun:… or turn:…", "username": …, "credential": …}.'
            raise InvalidArgumentError("bad_argument", msg)
        given = {key: server[key] for key in ("username", "credential") if server.get(key) is not None}
        extras = {key: plain(value) if isinstance(value, str) else str(value) for key, value in given.items()}
        checked.append({"urls": list(map(plain, urls)), **extras})
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
    same = [each for each in known if each.casefold() == word.casefold()]
    near = same or difflib.get_close_matches(word, known, 1)
    return f" Did you mean {near[0]!r}?" if near else ""
