"""How processes of ours are started: with the kernel's modules, and the user's own behind all others.

A kernel begins its module path with the notebook's folder, in which a ``random.py`` may lie. The kernel had imported the
standard library's before; a new process would import the user's.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

_PATH: Final = "RTC_WIDGET_MODULE_PATH"
_BEGIN: Final = f"""\
import os, runpy, sys
sys.path += [entry for entry in os.environ.pop({_PATH!r}).split(os.pathsep) if entry not in sys.path]
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of ours, to be started with `environment`.

    Parameters
    ----------
    module : str
        The module's full name.
    *arguments : str
        Its arguments.

    Returns
    -------
    list of str
        The command.
    """
    return [sys.executable, "-P", "-c", _BEGIN, module, *arguments]


def environment() -> dict[str, str]:
    """Return this process's environment, with where its modules are.

    Returns
    -------
    dict
        The environment of what `command` starts.
    """
    path = (os.fspath(entry) or str(Path.cwd()) for entry in sys.path)
    return {**os.environ, _PATH: os.pathsep.join(path)}
