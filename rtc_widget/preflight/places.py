"""Where this kernel runs, and whether the front end is installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from .finding import Finding

STATIC = Path(__file__).parents[1] / "static"


def front_end() -> Finding:
    """Check whether the front end's files are installed.

    Returns
    -------
    Finding
        The finding.
    """
    lacking = [name for name in ("loader.js", "widget.js", "widget.css") if not _has_content(STATIC / name)]
    if not lacking:
        return Finding("Front end", "good", "The files of the front end are installed.")
    return Finding(
        "Front end",
        "problem",
        f"{' and '.join(lacking)} of rtc_widget/static missing or empty: RoomWidget cannot be displayed.",
        "In a checkout: make js. Otherwise: pip install --force-reinstall rtc-widget.",
    )


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _set(*names: str) -> Callable[[], bool]:
    return lambda: any(os.environ.get(name) for name in names)


def _loaded(name: str) -> Callable[[], bool]:
    return lambda: name in sys.modules


_ELSEWHERE = "It is not on the browser's machine: signaling goes through the notebook server or the kernel."

# The more specific first: Binder is a hub, and a hub's server is a Jupyter server.
_HOSTS: tuple[tuple[str, Callable[[], bool], str], ...] = (
    ("Colab", _set("COLAB_RELEASE_TAG"), f"{_ELSEWHERE} Direct and proxied connections are not possible."),
    ("Binder", _set("BINDER_SERVICE_HOST", "BINDER_LAUNCH_HOST"), _ELSEWHERE),
    ("JupyterHub", _set("JUPYTERHUB_USER"), _ELSEWHERE),
    ("GitHub Codespaces", _set("CODESPACES"), _ELSEWHERE),
    (
        "VS Code",
        _set("VSCODE_PID", "VSCODE_CWD"),
        "Its notebooks refuse cameras: join in a browser beside it, by room.link(), or use video='pattern', audio='tone'.",
    ),
    ("marimo", _loaded("marimo"), "The kernel receives nothing from the page while a cell runs."),
    ("a Jupyter server", _set("JPY_SESSION_NAME", "JPY_PARENT_PID"), "Everything works there."),
)


def host() -> Finding:
    """Report what started this kernel, as far as its environment shows.

    Returns
    -------
    Finding
        The finding.
    """
    for name, holds, text in _HOSTS:
        if holds():
            remote = " It was reached over SSH." if os.environ.get("SSH_CONNECTION") else ""
            return Finding("Host", "good", f"The kernel was started by {name}. {text}{remote}")
    return Finding("Host", "not checked", "What started this Python is unknown; it may not display widgets.")
