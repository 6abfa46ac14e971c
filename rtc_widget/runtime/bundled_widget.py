"""A widget whose front end a page evaluates once, however many of them it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import anywidget
from traitlets import Bunch, Unicode, observe

from .comm_routing import keep_subshell

_STATIC: Final = Path(__file__).parents[1] / "static"


def read_static(name: str) -> str:
    """Return the text of a file that ``make js`` has built.

    Parameters
    ----------
    name : str
        The file's path in ``rtc_widget/static``.

    Returns
    -------
    str
        Its text.

    Raises
    ------
    FileNotFoundError
        When it is not built.
    """
    path = _STATIC / name
    if not path.exists():
        msg = f"rtc_widget's front end is not built ({path} is missing): run 'make js' in the checkout."
        raise FileNotFoundError(msg)
    return path.read_text(encoding="utf-8")


class BundledWidget(anywidget.AnyWidget):
    """The base of this package's widgets, which say in ``_bundle`` what their front end is.

    A page keeps what anywidget evaluates for as long as it is open, and anywidget evaluates ``_esm`` for each widget: that
    only loads the bundle, which is data that goes with the widget.

    Parameters
    ----------
    **traits : object
        As of `anywidget.AnyWidget`.
    """

    # The text rather than a path: anywidget never frees widgets whose front end it reads from a file.
    _esm = read_static("loader.js")
    _bundle = Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._layout_model = self.layout

    @observe("comm")
    def _on_comm(self, change: Bunch) -> None:
        keep_subshell(change["new"])

    def close(self) -> None:
        """End the widget, and its layout's model, which ipywidgets leaves in kernel and page."""
        super().close()
        if hasattr(self, "_layout_model"):
            self._layout_model.close()
