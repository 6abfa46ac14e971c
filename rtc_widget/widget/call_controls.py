"""What a widget offers of its call, by its name: delegates to its parts, and nothing else."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from ..recording.capture.recorder import Recorder
from ..runtime.delegation import delegate
from .call_commands import CallCommands
from .frame_access import FrameAccess
from .link_view import Links

if TYPE_CHECKING:
    from ..recording.capture.live_recording import LiveRecording

_commands, _frames, _recording = attrgetter("_commands"), attrgetter("_frames"), attrgetter("_recorder")


class CallControls:
    """The part of `RoomWidget` that acts in the call, takes frames out of it and records it."""

    _recorder: Recorder

    mute = delegate(_commands, CallCommands.mute)
    unmute = delegate(_commands, CallCommands.unmute)
    share_screen = delegate(_commands, CallCommands.share_screen)
    restart_ice = delegate(_commands, CallCommands.restart_ice)
    use = delegate(_commands, CallCommands.use)
    send = delegate(_commands, CallCommands.send)
    frame = delegate(_frames, FrameAccess.frame)
    frames = delegate(_frames, FrameAccess.frames)
    sound = delegate(_frames, FrameAccess.sound)
    link = delegate(attrgetter("_links"), Links.link)
    record = delegate(_recording, Recorder.record)
    decline_recording = delegate(_recording, Recorder.decline_recording)

    @property
    def recordings(self) -> tuple[LiveRecording, ...]:
        """Those that this widget has made or is making, also from its button."""
        return self._recorder.recordings
