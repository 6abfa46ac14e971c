"""Calls that do not fit a function's signature are refused in words that help, by what the function is called with."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final, ParamSpec, TypeVar

from ..errors import InvalidCallError
from .validation import nearest

# Words for the same thing, which functions call by what they take of it.
_SYNONYMS: Final = (("video", "source", "camera", "picture"), ("audio", "microphone", "sound"))

# What is only for oneself, though a call is made with others.
_OF_ONESELF: Final = ("mute", "unmute")

P = ParamSpec("P")
R = TypeVar("R")


def explained(method: Callable[P, R]) -> Callable[P, R]:
    """Make a method say what is wrong with a call that does not fit its signature.

    Parameters
    ----------
    method : callable
        A method, which is named without its class; of ``__init__`` the class is named. Or a function.

    Returns
    -------
    callable
        With the same signature, which raises `InvalidCallError` for what does not fit it.

    Examples
    --------
    >>> class Room:
    ...     @explained
    ...     def __init__(self, room: str, *, name: str = "") -> None: ...
    >>> Room("demo", nme="Ada")
    Traceback (most recent call last):
    rtc_widget.errors.InvalidCallError: Room has no argument 'nme'. Did you mean 'name'? [bad_argument]
    """
    signature = inspect.signature(method)
    parameters = dict(signature.parameters)
    bound = [parameters.pop(name) for name in ("self", "cls") if name in parameters]
    whose = method.__qualname__.removesuffix(".__init__").rpartition(".")[2]

    @functools.wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            signature.bind(*args, **kwargs)
        except TypeError:
            raise InvalidCallError(
                "bad_argument", _why(whose, parameters, args[len(bound) :], kwargs)
            ) from None
        return method(*args, **kwargs)

    return call


def explained_methods(*names: str) -> Callable[[type[R]], type[R]]:
    """Make methods of a class say what is wrong with a call that does not fit them.

    Parameters
    ----------
    *names : str
        The methods.

    Returns
    -------
    callable
        A decorator of the class.
    """

    def decorate(cls: type[R]) -> type[R]:
        for name in names:
            found: Any = vars(cls)[name]
            is_of_class = isinstance(found, classmethod)
            method = explained(found.__func__) if is_of_class else explained(found)
            setattr(cls, name, classmethod(method) if is_of_class else method)
        return cls

    return decorate


def _meant(keyword: str, known: list[str]) -> str:
    for words in _SYNONYMS:
        if keyword in words and (same := next((word for word in words if word in known), None)):
            return f" Did you mean {same}=…?"
    return nearest(keyword, known)


def _why(
    whose: str,
    parameters: Mapping[str, inspect.Parameter],
    args: tuple[Any, ...],
    kwargs: Mapping[str, object],
) -> str:
    keywords = [
        name for name, each in parameters.items() if each.kind is not inspect.Parameter.VAR_POSITIONAL
    ]
    for keyword in kwargs:
        if keyword not in keywords:
            hint = _meant(keyword, keywords) or f" Known: {', '.join(keywords)}."
            return f"{whose} has no argument {keyword!r}.{hint}"
    by_place = [
        name for name, each in parameters.items() if each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    ]
    if len(args) > len(by_place):
        by_keyword = next((name for name in parameters if name not in by_place), None)
        stray = args[len(by_place)]
        if whose in _OF_ONESELF and not isinstance(stray, bool):
            return f"{whose}() is for one's own sound and picture, not for {stray!r}: {whose}(audio=True, video=True)."
        if by_keyword is None:
            return f"{whose} takes {' and '.join(by_place) or 'nothing'}, and not {stray!r} as well."
        lead = f"Only {' and '.join(by_place)} has no keyword" if by_place else f"{whose} takes keywords only"
        return f"{lead}: {by_keyword}={stray!r}?"
    given = {*by_place[: len(args)], *kwargs}
    lacks = [
        name for name in keywords if parameters[name].default is inspect.Parameter.empty and name not in given
    ]
    if lacks:
        return f"{whose} needs {' and '.join(lacks)}: {whose}({', '.join(f'{name}=…' for name in lacks)})."
    return f"{whose} was given {' and '.join(sorted({*by_place[: len(args)]} & {*kwargs}))} twice."
