"""A line below the cell that made a widget and did not show it: until it is shown or told to join, nothing happens."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from ipywidgets.widgets import widget as ipywidgets_widget

from ..runtime.jupyter import at_end_of_cell, name_of

if TYPE_CHECKING:
    from .room_widget import RoomWidget


class UnshownHint:
    """Says at the end of the cell that makes a widget that it is not in the call, unless it is of use as it is.

    Parameters
    ----------
    widget : RoomWidget
        The widget, which is referenced weakly.
    """

    def __init__(self, widget: RoomWidget) -> None:
        self._widget = weakref.ref(widget)
        self._is_needed = True
        at_end_of_cell(self._tell)

    def dismiss(self) -> None:
        """Say nothing: the widget is shown, told to join, or used to watch and steer a room."""
        self._is_needed = False

    def _tell(self) -> None:
        widget = self._widget()
        # Where somebody is in the room already, it watches them.
        if not self._is_needed or widget is None or widget.state != "idle" or widget.participants:
            return
        # An `HBox`, or another widget that it was put into, shows it. ipywidgets has no public list of its widgets; where
        # it keeps none of that name, the hint is given once too often.
        others = getattr(ipywidgets_widget, "_instances", {})
        if any(widget in getattr(other, "children", ()) for other in [*others.values()]):
            return
        name = name_of(widget) or "the widget"
        print(
            f"Not in the call yet: put {name} on a line of its own at the cell's end, or call {name}.join()."
        )
