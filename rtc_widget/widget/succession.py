"""What happens to a widget in whose place its cell has made another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .kernel_session import KernelSession
    from .room_widget import RoomWidget


class Succession:
    """Ends a widget that has a successor as soon as nothing shows it.

    Jupyter tells neither kernel nor page that a cell was run again: only the views go, and may come back elsewhere. Without
    this, each run would leave a widget, in the kernel and in the page.

    Parameters
    ----------
    widget : RoomWidget
        The widget. What it records goes on until that is stopped.
    session : callable
        Returns its session, which is open as long as some page shows it or may come to do so.
    """

    def __init__(self, widget: RoomWidget, session: Callable[[], KernelSession]) -> None:
        self._widget, self._session = widget, session
        self._has_successor = False

    def succeed(self) -> None:
        """Note that the widget's cell has made another one."""
        self._has_successor = True
        if not self._session().is_open:
            self._end()

    def on_abandoned(self) -> None:
        """Note that nothing shows the widget any more."""
        self._session().close()
        if self._has_successor:
            self._end()

    def _end(self) -> None:
        if all(recording.state == "done" for recording in self._widget.recordings):
            self._widget.close()
