"""Checks whether required packages are installed in suitable versions, without importing them."""

from __future__ import annotations

import importlib.util
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

from .finding import Finding

_PACKAGE = "rtc-widget"
_EXTRA = ("aiortc", "av", "numpy")
_SUBSHELLS = (7,)


def python() -> Finding:
    """Report the Python version.

    Returns
    -------
    Finding
        A problem in a Python that runs in the browser.
    """
    text = f"Python {platform.python_version()} on {platform.system()}, rtc_widget {version(_PACKAGE)}."
    if sys.platform == "emscripten":
        return Finding(
            "Python",
            "problem",
            f"{text} Python in the browser has neither sockets nor threads.",
            "Run the notebook on a Jupyter server.",
        )
    return Finding("Python", "good", text)


def widgets() -> Finding:
    """Check the packages that display a widget.

    Returns
    -------
    Finding
        The finding.
    """
    return _fitting("Widgets", ("anywidget", "ipywidgets", "traitlets"), "problem", "rtc-widget", "")


def peer() -> Finding:
    """Check the packages that a `Peer` needs.

    Returns
    -------
    Finding
        The finding.
    """
    without = "Calls between browsers do not need them; Peer, frames and recording do."
    return _fitting("Peer in Python", _EXTRA, "warning", '"rtc-widget[peer]"', without)


def ipykernel() -> Finding:
    """Check whether the kernel receives messages from the page while a cell runs.

    Returns
    -------
    Finding
        A warning when it has no subshells.
    """
    kernel = _kernel()
    if kernel is None:
        return Finding("Busy cells", "not checked", "This Python is not an ipykernel.")
    number = _installed("ipykernel") or "?"
    if getattr(kernel, "_supports_kernel_subshells", False):
        text = f"ipykernel {number} has subshells: where the page uses them, the kernel receives its messages while a cell runs."
        return Finding("Busy cells", "good", text)
    text = f"ipykernel {number} runs without subshells: while a cell runs, the kernel receives nothing from the page."
    advice = "Pause between long-running cells."
    if _numbers(number) < _SUBSHELLS:
        advice = 'pip install --upgrade "ipykernel>=7", then restart the kernel.'
    return Finding("Busy cells", "warning", text, advice)


def _kernel() -> Any:
    getter = getattr(sys.modules.get("IPython.core.getipython"), "get_ipython", None)
    return getattr(getter() if getter else None, "kernel", None)


def _fitting(check: str, names: tuple[str, ...], worst: Any, install: str, without: str) -> Finding:
    found = {name: _installed(name) for name in names}
    missing = [name for name, number in found.items() if number is None]
    bounds = _bounds()
    unfit = [
        f"{name} {number} (needed: {bounds[name]})"
        for name, number in found.items()
        if number is not None and not _fits(number, bounds.get(name, ""))
    ]
    if missing or unfit:
        wrong = [*(f"{' and '.join(missing)} not installed" for _ in missing[:1]), *unfit]
        text = f"Missing or outdated: {'; '.join(wrong)}. {without}".rstrip()
        return Finding(check, worst, text, f"pip install --upgrade {install}, then restart the kernel.")
    return Finding(check, "good", f"{', '.join(f'{name} {number}' for name, number in found.items())}.")


def _installed(name: str) -> str | None:
    """Return a package's version, None where it cannot be imported or was never installed."""
    try:
        return version(name) if importlib.util.find_spec(name) is not None else None
    except (PackageNotFoundError, ValueError):
        return None


def _bounds() -> dict[str, str]:
    """Return what our own installation asks of each package, such as ``>=0.11,<0.13``."""
    matches = (re.match(r"([\w.-]+)([<>=!~\d.,]*)", line) for line in requires(_PACKAGE) or ())
    return {match[1]: match[2] for match in matches if match}


def _fits(number: str, bounds: str) -> bool:
    for bound in filter(None, bounds.split(",")):
        least, most = bound.startswith(">="), bound.startswith("<")
        limit = _numbers(bound)
        if (least and _numbers(number) < limit) or (most and _numbers(number) >= limit):
            return False
    return True


def _numbers(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", re.split(r"[a-z]", number)[0]))
