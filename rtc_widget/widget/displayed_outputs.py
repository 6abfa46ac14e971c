"""The outputs that show a widget, so that something else can take its place when it is closed."""

from __future__ import annotations

import contextlib
import secrets
import weakref
from collections import deque
from typing import Any, Final

from ..runtime.jupyter import show, watch_outputs

_VIEW: Final = "application/vnd.jupyter.widget-view+json"
# More than anybody looks at; a loop that clears its output and displays the widget anew makes one each time.
_MOST: Final = 20

_by_model: weakref.WeakValueDictionary[str, DisplayedOutputs] = weakref.WeakValueDictionary()


class DisplayedOutputs:
    """The display ids of a widget's outputs, however they came about: only an output that has one can be replaced.

    Parameters
    ----------
    model_id : str
        The widget's.
    """

    def __init__(self, model_id: str) -> None:
        self._ids: deque[str] = deque(maxlen=_MOST)
        _by_model[model_id] = self

    def watch(self) -> None:
        """Note the outputs that this thread makes from now on."""
        watch_outputs(_note)

    def replace(self, bundle: dict[str, Any]) -> None:
        """Show something else in all of them.

        Parameters
        ----------
        bundle : dict
            Data by MIME type.
        """
        for display_id in list(self._ids):
            show(bundle, display_id, again=True)

    def _add(self, display_id: str) -> None:
        self._discard(display_id)
        self._ids.append(display_id)

    def _discard(self, display_id: str) -> None:
        with contextlib.suppress(ValueError):
            self._ids.remove(display_id)


def _note(message: dict[str, Any]) -> dict[str, Any]:
    """Give an output that shows a widget a display id, if it has none; called with each output that is published."""
    content = message["content"]
    if "data" not in content:
        return message
    outputs = _by_model.get((content["data"].get(_VIEW) or {}).get("model_id", ""))
    if outputs is not None:
        outputs._add(content["transient"].setdefault("display_id", secrets.token_hex(8)))
    elif display_id := content["transient"].get("display_id"):
        # Something else has been displayed there since.
        for each in list(_by_model.values()):
            each._discard(display_id)
    return message
