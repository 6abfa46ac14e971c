"""Notices that the media process does not answer, though it has not ended."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable
from typing import Any, Final

from ...errors import RtcWidgetError

_EVERY_SECONDS: Final = 2.0
_PATIENCE_SECONDS: Final = 8.0


class Watchdog:
    """Asks again and again, on a thread of its own.

    Parameters
    ----------
    ask : callable
        Asks for an answer.
    on_answer : callable
        Takes False whenever no answer has come, and True when one has come again. Called on the watchdog's thread.
    """

    def __init__(
        self, ask: Callable[[], concurrent.futures.Future[Any]], on_answer: Callable[[bool], None]
    ) -> None:
        self._ask, self._on_answer = ask, on_answer
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="rtc_widget-watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop asking. What was asked last should have an answer by now, else this takes as long as that."""
        self._over.set()
        if self._thread is not threading.current_thread():
            self._thread.join(_PATIENCE_SECONDS)

    def _watch(self) -> None:
        answered = True
        while not self._over.wait(_EVERY_SECONDS):
            try:
                self._ask().result(_PATIENCE_SECONDS)
                now = True
            except (concurrent.futures.TimeoutError, RtcWidgetError):
                now = False
            if not (now and answered) and not self._over.is_set():
                self._on_answer(now)
            answered = now
