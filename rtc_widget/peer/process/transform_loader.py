"""The user's functions in the media process, which outlives the cells that hand them over.

A function arrives as the name of its module and its own. Python imports a module once in a process, so without this it
would keep running code that the user has since edited: the modules of the user's own are imported anew when the file of any
of them has changed. The functions' code itself could be sent instead, but not what it refers to in its module and in others.
"""

from __future__ import annotations

import functools
import importlib
import pickle
import sys
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from ...errors import InvalidArgumentError
from ..ipc.transform_worker import Transform

_INSTALLED: Final = ("site-packages", "dist-packages")
_STANDARD: Final = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))


class TransformLoader:
    """Loads functions as `peer.kernel.arguments.pickled` made them, with the code that their files hold now."""

    def __init__(self) -> None:
        # What this process runs on is not the user's, wherever it is installed.
        self._ours = frozenset(name.partition(".")[0] for name in sys.modules)
        self._states: dict[str, tuple[int, int] | None] = {}
        self._lock = threading.Lock()

    def load(self, pickled: bytes) -> Transform:
        """Return the user's function; importing its module may take a while.

        Parameters
        ----------
        pickled : bytes
            The function, its module and where modules are.

        Returns
        -------
        callable
            Takes a `Frame`.

        Raises
        ------
        InvalidArgumentError
            ``bad_transform`` when it cannot be loaded in this process, or another module of the same name is found.
        """
        with self._lock:
            try:
                path, module, file, function = pickle.loads(pickled)  # noqa: S301
                sys.path[:] = _libraries_first(sys.path, path)
                # A file may be newer than what Python remembers of its folder.
                importlib.invalidate_caches()
                if self._is_outdated() or not _is_from(module, file):
                    self._forget()
                loaded: Transform = pickle.loads(function)  # noqa: S301
            except Exception as error:
                raise InvalidArgumentError(
                    "bad_transform",
                    f"The function cannot be loaded in the media process ({error}): put it into a module that can "
                    'be imported, or leave run="peer" out.',
                ) from None
            if not _is_from(module, file):
                found = getattr(sys.modules.get(module), "__file__", None)
                raise InvalidArgumentError(
                    "bad_transform",
                    f"In the media process the module {module!r} is {found}, not {file}: give it another name.",
                )
            self._states = {name: _state(module) for name, module in self._modules()}
            return loaded

    def _modules(self) -> Iterator[tuple[str, ModuleType]]:
        """Return the modules of the user's own, as they are edited between two cells."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file and name.partition(".")[0] not in self._ours and not _is_library(file):
                yield name, module

    def _is_outdated(self) -> bool:
        # A module that a transform imported while it ran has no state yet; what it was is not known.
        return any(self._states.get(name) != _state(module) for name, module in self._modules())

    def _forget(self) -> None:
        """Forget all, as those that did not change refer to those that did. A function that still runs keeps its own."""
        for name, _module in list(self._modules()):
            del sys.modules[name]


def _state(module: ModuleType) -> tuple[int, int] | None:
    """Return what Python itself compares a source file with its bytecode by."""
    try:
        status = Path(str(module.__file__)).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _is_library(place: str) -> bool:
    path = Path(place)
    return not set(path.parts).isdisjoint(_INSTALLED) or any(map(path.is_relative_to, _STANDARD))


def _libraries_first(own: list[str], kernels: list[str]) -> list[str]:
    """Return a module path on which the user's modules are found as in the kernel, but none in place of a library's."""
    libraries = [entry for entry in own if _is_library(entry)]
    return list(dict.fromkeys([*libraries, *kernels, *own]))


def _is_from(module: str, file: str | None) -> bool:
    """Tell whether a module that has been imported is that file."""
    found = getattr(sys.modules.get(module), "__file__", None)
    return file is None or found is None or Path(found).resolve() == Path(file).resolve()


@functools.cache
def _loader() -> TransformLoader:
    return TransformLoader()


def load_transform(pickled: bytes) -> Transform:
    """Load a function as this process's `TransformLoader` does.

    Parameters
    ----------
    pickled : bytes
        As of `TransformLoader.load`.

    Returns
    -------
    callable
        Takes a `Frame`.
    """
    return _loader().load(pickled)
