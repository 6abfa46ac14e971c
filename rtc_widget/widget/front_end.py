"""The front end's files, as ``make js`` has built them."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

_STATIC: Final = Path(__file__).parents[1] / "static"
_MODULES: Final = ("trace-panel", "preflight")


def _read(name: str) -> str:
    path = _STATIC / name
    if not path.exists():
        msg = f"rtc_widget's front end is not built ({path} is missing): run 'make js' in the checkout."
        raise FileNotFoundError(msg)
    return path.read_text(encoding="utf-8")


WIDGET_JS: Final = _read("widget.js")
WIDGET_CSS: Final = _read("widget.css")


@functools.cache
def _module(name: str) -> str:
    return _read(f"modules/{name}.js")


def module_source(name: object) -> str | None:
    """Return the text of a module that is loaded on demand.

    Parameters
    ----------
    name : object
        What a front end asks for: "trace-panel" or "preflight".

    Returns
    -------
    str or None
        None for what is none of them.
    """
    return _module(name) if isinstance(name, str) and name in _MODULES else None
