"""What tests of recording share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from rtc_widget import Recording


def grows(recording: Any, size: int = 30_000) -> None:
    """Wait until so much more has been written down."""
    before = recording.size
    wait_until(lambda: recording.size > before + size, 30, f"{size} bytes more")


def medium_of(recording: Recording, name: str) -> Any:
    wanted = recording.person(name).id
    [found] = [medium for medium in recording.media if medium.participant == wanted]
    return found


def of_folder(path: Path) -> Path:
    return path.with_name(f"{path.name}.rtcw.zip.part")
