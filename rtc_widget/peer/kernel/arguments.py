"""Checks of the arguments of a `Peer`, before anything is opened."""

from __future__ import annotations

import io
import os
import pickle
import sys
from collections.abc import AsyncIterable, Iterable, Mapping, Set
from pathlib import Path

from ...errors import InvalidArgumentError
from ...media.picture import is_picture
from ...plain_numbers import number
from ...runtime.validation import nearest, plain
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
    rate = number(fps)
    if rate is None or not 0 < rate <= 1000:
        raise InvalidArgumentError(
            "bad_argument", f"fps must be a number above 0 and at most 1000, not {fps!r}."
        )
    return rate


def check_source(kind: str, source: object) -> None:
    """Check what is to be sent, as far as that can be told before it is opened.

    Parameters
    ----------
    kind : str
        "video" or "audio".
    source : object
        What the user passed; None ends sending.

    Raises
    ------
    InvalidArgumentError
        ``bad_source``, with what to pass instead.
    """
    hint = ""
    if isinstance(source, str | os.PathLike):
        other = "tone" if kind == "video" else "pattern"
        hint = f"{other!r} is no {kind}." if source == other else _stray_word(kind, source)
    elif isinstance(source, bytes | bytearray | memoryview):
        hint = "A file's name must be a str or a path: os.fsdecode(…) makes one of bytes."
    elif isinstance(source, io.IOBase):
        hint = "A file is opened in the peer's process: pass its name, such as file.name."
    elif kind == "audio" and hasattr(source, "__array__"):
        hint = "An array of audio is sent by send_sound(samples), or as an iterable: audio=[samples]."
    elif kind == "video" and is_picture(source):
        return
    elif isinstance(source, Set | Mapping):
        hint = f"A {type(source).__name__} has no order of frames: pass a list of arrays, or a generator."
    elif source is not None and not isinstance(source, Iterable | AsyncIterable):
        what = "an array, a picture or an iterable" if kind == "video" else "or an iterable"
        hint = f"A source must be a str, a path, {what}, not {type(source).__name__}."
        if isinstance(source, bool):
            meant = {"video": "pattern", "audio": "tone"}[kind] if source else None
            hint = f"{hint} Did you mean {meant!r}?"
    if hint:
        raise InvalidArgumentError("bad_source", hint)


def _stray_word(kind: str, source: str | os.PathLike[str]) -> str:
    """Return what is wrong with a word that is neither a source's name nor a file's; nothing for all else."""
    made, device, others = {
        "video": ("pattern", "camera", "a film or frames"),
        "audio": ("tone", "microphone", "a recording or arrays"),
    }[kind]
    if not isinstance(source, str) or {*source} & {*"/\\.:~"} or source == made:
        return ""
    if os.path.exists(source):  # noqa: PTH110 (Path's raises for what is too long)
        return ""
    meant = nearest(source, [made])
    return f"There is no file {plain(source)!r}. A Peer has no {device}: it sends {made!r}, {others}.{meant}"


def located(source: str | os.PathLike[str]) -> str:
    """Return the name of a source as the media process finds it: the kernel's folder counts, which may change.

    Parameters
    ----------
    source : str or path
        What the user passed: a path, an address, a device, "pattern" or "tone".

    Returns
    -------
    str
        A path is absolute; everything else is as it was.
    """
    name = plain(os.fsdecode(source))
    is_path = not isinstance(source, str) or (name not in ("pattern", "tone") and ":" not in name)
    path = Path(name).expanduser().absolute()
    return str(path) if is_path or path.exists() else name


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
        The kernel's module path, the name and file of the function's module, and the function.

    Raises
    ------
    InvalidArgumentError
        ``bad_transform``.
    """
    hint = 'put it into a module that can be imported, or omit run="peer"'
    module = getattr(function, "__module__", None)
    if module == "__main__":
        msg = f"A function that is defined in the notebook cannot run in the peer's process: {hint}."
        raise InvalidArgumentError("bad_transform", msg)
    holder, name = sys.modules.get(str(module)), getattr(function, "__name__", "")
    if getattr(holder, name, function) is not function and name == getattr(function, "__qualname__", ""):
        hint = f"pass {module}.{name} as the module has it now"
    # With the module path, to which the notebook may have added since; the current folder is this process's. What is no
    # folder or file is a hook's.
    path = [str(Path(entry).absolute()) if Path(entry).exists() else os.fspath(entry) for entry in sys.path]
    file = getattr(holder, "__file__", None)
    try:
        return pickle.dumps((path, module, file and str(Path(file).absolute()), pickle.dumps(function)))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InvalidArgumentError(
            "bad_transform", f"The function cannot be pickled ({error}): {hint}."
        ) from None
