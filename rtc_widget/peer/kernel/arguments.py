"""Checks of the arguments of a `Peer`, before anything is opened."""

from __future__ import annotations

import pickle
import sys

from ...errors import InvalidArgumentError
from ..ipc.transform_worker import Transform


def check_rate(fps: object) -> float:
    """Check a frame rate.

    Parameters
    ----------
    fps : object
        What the user passed.

    Returns
    -------
    float
        Frames per second.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """
    if not isinstance(fps, int | float) or isinstance(fps, bool) or not 0 < fps <= 1000:
        raise InvalidArgumentError(
            "bad_argument", f"fps must be a number above 0 and at most 1000, not {fps!r}."
        )
    return float(fps)


def check_transform(function: object, run: object) -> None:
    """Check a transform and where it runs.

    Parameters
    ----------
    function : object
        What the user passed; None ends a transform.
    run : object
        "kernel" or "peer".

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` or ``bad_transform``.
    """
    if run not in ("kernel", "peer"):
        raise InvalidArgumentError("bad_argument", f"run must be 'kernel' or 'peer', not {run!r}.")
    if function is not None and not callable(function):
        msg = f"transform must be a function that takes a frame, not {type(function).__name__}."
        raise InvalidArgumentError("bad_transform", msg)


def pickled(function: Transform) -> bytes:
    """Pickle a function for the media process.

    Parameters
    ----------
    function : Transform
        The function, which must be importable there.

    Returns
    -------
    bytes
        The function and the kernel's module path.

    Raises
    ------
    InvalidArgumentError
        ``bad_transform``.
    """
    hint = 'put it into a module that can be imported, or omit run="peer"'
    if getattr(function, "__module__", None) == "__main__":
        msg = f"A function that is defined in the notebook cannot run in the peer's process: {hint}."
        raise InvalidArgumentError("bad_transform", msg)
    try:
        # With the module path, to which the notebook may have added since.
        return pickle.dumps((list(map(str, sys.path)), pickle.dumps(function)))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InvalidArgumentError(
            "bad_transform", f"The function cannot be pickled ({error}): {hint}."
        ) from None
