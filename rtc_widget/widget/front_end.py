"""The front end's files, as ``make js`` has built them."""

from __future__ import annotations

import functools
from typing import Final

from ..runtime.bundled_widget import read_static

_MODULES: Final = ("trace-panel", "preflight", "media-channel")


WIDGET_JS: Final = read_static("widget.js")
WIDGET_CSS: Final = read_static("widget.css")


@functools.cache
def _module(name: str) -> str:
    return read_static(f"modules/{name}.js")


def module_source(name: object) -> str | None:
    """Return the text of a module that is loaded on demand.

    Parameters
    ----------
    name : object
        What a front end asks for: "trace-panel", "preflight" or "media-channel".

    Returns
    -------
    str or None
        None for what is none of them.
    """
    return _module(name) if isinstance(name, str) and name in _MODULES else None
