"""Methods that a facade delegates to its parts, with the part's signature and documentation."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from .signatures import explained

P = ParamSpec("P")
R = TypeVar("R")


def delegate(
    part: Callable[[Any], Any], method: Callable[Concatenate[Any, P], R]
) -> Callable[Concatenate[Any, P], R]:
    """Return a method of a facade that calls the same method of one of its parts.

    Parameters
    ----------
    part : callable
        Returns the part of a facade, such as ``operator.attrgetter("_control")``.
    method : callable
        The part's method.

    Returns
    -------
    callable
        With the method's signature and documentation; what does not fit them is refused by an `InvalidCallError`.

    Examples
    --------
    >>> class Engine:
    ...     def start(self) -> str:
    ...         return "runs"
    >>> class Car:
    ...     def __init__(self) -> None:
    ...         self._engine = Engine()
    ...     start = delegate(lambda car: car._engine, Engine.start)
    >>> Car().start()
    'runs'
    """

    @explained
    @functools.wraps(method)
    def call(facade: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return method(part(facade), *args, **kwargs)

    return call
