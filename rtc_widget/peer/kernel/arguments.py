"""Checks of what users pass to a `Peer`, before anything is opened."""

from __future__ import annotations

import pickle
import sys

from ...errors import InvalidArgumentError
from ..ipc.transform_worker import Transform


def check_rate(fps: object) -> float:
    """Return a frame rate that can be kept to."""
    if not isinstance(fps, int | float) or isinstance(fps, bool) or not 0 < fps <= 1000:
        raise InvalidArgumentError("bad_argument", f"fps is a number above 0 and at most 1000, not {fps!r}.")
    return float(fps)


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
