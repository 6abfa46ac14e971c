"""A recording as a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .recording import Recording


class Shown:
    """A recording that a notebook replays: `Recording.replay` makes it."""

    def __init__(self, recording: Recording, max_bytes: int | None, private: bool) -> None:
        self._recording = recording
        self._max_bytes = max_bytes
        self._private = private

    def __repr__(self) -> str:
        return repr(self._recording)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from .replay import page_of, still_of

        return {
            "text/html": page_of(self._recording, max_bytes=self._max_bytes, private=self._private),
            # The picture alone is for what cannot show HTML, such as nbconvert's PDF.
            "image/svg+xml": still_of(self._recording, private=self._private),
            "text/plain": repr(self._recording),
        }
