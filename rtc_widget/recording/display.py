"""How a notebook displays a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .recording import Recording


class Shown:
    """The display of a recording in a notebook; `Recording.replay` makes it.

    Parameters
    ----------
    recording : Recording
        The recording to display.
    max_bytes : int or None
        How large the display may become; None for no limit.
    private : bool
        Whether addresses and the like are replaced by placeholders.
    """

    def __init__(self, recording: Recording, max_bytes: int | None, private: bool) -> None:
        self._recording = recording
        self._max_bytes = max_bytes
        self._private = private

    def __repr__(self) -> str:
        return repr(self._recording)

    def _repr_html_(self) -> str | None:
        # marimo runs scripts of this alone, in a frame of their own.
        return self._repr_mimebundle_().get("text/html")

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from .replay import page_of, still_of

        # The still image is for what cannot show HTML, such as nbconvert's PDF, so most of the size is not for it.
        picture = still_of(self._recording, private=self._private)
        room, takes = self._max_bytes, len(picture.encode())
        fits = room is None or takes <= room // 4
        if room is not None and fits:
            room -= takes
        return {
            "text/html": page_of(self._recording, max_bytes=room, private=self._private),
            **({"image/svg+xml": picture} if fits else {}),
            "text/plain": repr(self._recording),
        }
