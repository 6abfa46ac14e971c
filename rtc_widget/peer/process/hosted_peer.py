"""One peer in the media process: its room, what it sends, and what the kernel gets of the others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final, get_args

import av
import numpy as np
import numpy.typing as npt

from ...ice.ice_servers import IceServers
from ...media.frame import RATE, Frame, rgb_of, to_i420
from ...protocol import media_process as wire
from ...relay.address import Relay
from ...runtime.tasks import TaskSet
from ...signaling.resolver import RelayResolver
from ..ipc.shared_memory import AudioRing, RgbBuffer
from ..ipc.transform_worker import Transform, TransformWorker
from .channel_server import ChannelServer
from .file_source import FileSource, Outputs
from .frame_sinks import AudioPlayer, AudioSink, VideoSink
from .incoming import Incoming
from .room import PeerRoom
from .room_events import RoomEvents
from .sources import KernelSource
from .synthetic_sources import PatternSource, ToneSource
from .transform_loader import load_transform

# Events that the kernel needs, as an observer of the room would get them.
_FOR_THE_KERNEL: Final = (
    *("user_joined", "user_left", "user_away", "user_back"),
    *("media_state", "report", "recording"),
)

Send = Callable[[wire.Event], None]


class HostedPeer:
    """A peer, from its first command to `close`. Used on the event loop.

    Parameters
    ----------
    options : Open
        The command that makes it.
    send : callable
        Takes events for the kernel.
    """

    def __init__(self, options: wire.Open, send: Send) -> None:
        self._send = send
        self._name = options.name
        relay = Relay(options.relay[0], secret=options.relay[1]) if options.relay else None
        self.room = PeerRoom(
            options.room,
            options.name,
            options.owner_key,
            resolve=RelayResolver(options.room, relay, options.token).resolve,
            ice_servers=IceServers(options.ice_servers, options.turn),
            events=RoomEvents(
                on_entered=lambda roster: send(wire.Entered(roster)),
                on_event=self._on_event,
                on_lost=lambda: send(wire.PathLost()),
                on_ended=lambda error: send(wire.Ended(error.info() if error else None)),
                on_message=lambda sender, data: send(wire.MessageReceived(sender, data)),
                on_arrived=self._on_arrived,
            ),
        )
        self._running = asyncio.create_task(self.room.run())
        self._channels = ChannelServer(self.room.remote)
        self._sinks: dict[tuple[str, wire.Track], VideoSink | AudioSink] = {}
        # Our own source's frames, for a transform in the kernel.
        self._own: VideoSink | None = None
        self._sources: dict[str, Any] = {}
        self._muted = {"video": False, "audio": False}
        # The frame that is sent, so that muting does not lose a still image.
        self._shown: av.VideoFrame | None = None
        self._buffer: RgbBuffer | None = None
        self._player: AudioPlayer | None = None
        self._worker: TransformWorker | None = None
        self._newest: tuple[av.VideoFrame, int, float] | None = None
        self._feeding: Callable[[], None] | None = None
        self._input: tuple[str, str] | None = None
        self._of: str | None = None
        self._transforming = ""
        self._source_number = 0
        self._tasks = TaskSet()

    async def run(self, command: wire.Command) -> Any:
        """Execute a command of the kernel; what it raises is returned to the kernel.

        Parameters
        ----------
        command : Command
            One of `protocol.media_process.COMMANDS` that `MediaHost` does not carry out itself.

        Returns
        -------
        object
            The result.
        """
        match command:
            case wire.Use(kind, source):
                return await self.use(kind, source)
            case wire.SetTransform(where, of, pickled):
                await self._set_transform(where, of, pickled)
            case wire.Mute(kind, muted):
                self._mute(kind, muted)
            case wire.Send(data, to, timeout):
                await self.room.send(data, to, timeout)
            case wire.Decline(recording):
                self.room.recorder.decline(recording)
            case wire.Subscribe(participant, track):
                self._subscribe(participant, track)
            case wire.UseFrameBuffer(path, capacity):
                self._buffer = RgbBuffer(capacity, path)
            case wire.UseAudioRing(path):
                self._use_audio_ring(path)
            case wire.GetStats():
                worker = self._worker
                return {"transform": worker.stats if worker else None, "sent": self.room.video.number}
            case wire.OfferChannel(participant):
                return await self._channels.offer(participant)
            case wire.Close():
                await self.close()
        return None

    # -- commands

    async def use(self, kind: wire.Kind, spec: wire.SourceSpec | None) -> bool:
        """Send from another source. The previous one only ends when the new one is open.

        Parameters
        ----------
        kind : Kind
            What to send.
        spec : SourceSpec or None
            The source; None for none.

        Returns
        -------
        bool
            Whether it also took over the audio.
        """
        fresh = None if spec is None else await self._open(kind, spec)
        old = self._sources.pop(kind, None)
        if kind == "video" and old is not None and self._sources.get("audio") is old:
            del self._sources["audio"]  # a video's audio goes with it
        if old is not None and old in self._sources.values():
            old.go_on_without_audio()
        elif old is not None:
            await old.stop()
        if fresh is None:
            self._stopped_sending(kind)
            return False
        self._sources[kind] = fresh
        takes_audio = kind == "video" and bool(fresh.has_audio)
        if takes_audio:
            await self._replace_audio(fresh)
        fresh.start()
        self._choose_input()
        self._refresh_media()
        return takes_audio

    async def _replace_audio(self, video: FileSource) -> None:
        before, self._sources["audio"] = self._sources.get("audio"), video
        if before is not None:
            await before.stop()

    async def _set_transform(self, where: str, of: str | None, pickled: bytes | None) -> None:
        """Set where frames are transformed: "" for nowhere, "kernel", or "peer" with the function."""
        function = None if pickled is None else await asyncio.to_thread(load_transform, pickled)
        self._stop_transform()
        self._of, self._transforming, self._input = of, where, None
        if function is not None:
            self._worker = self._transform_with(function)
        if not where and "video" not in self._sources:
            self._clear()
        self._choose_input()
        self._refresh_media()

    def _transform_with(self, function: Transform) -> TransformWorker:
        loop = asyncio.get_running_loop()
        publish = self._publish

        def write(rgb: npt.NDArray[np.uint8]) -> None:
            loop.call_soon_threadsafe(publish, to_i420(rgb))

        def on_error(text: str) -> None:
            loop.call_soon_threadsafe(self._send, wire.TransformFailed(text))

        return TransformWorker(function, self._take, write, on_error)

    def _mute(self, kind: str, muted: bool) -> None:
        """Stop sending audio or video, or go on."""
        self._muted[kind] = muted
        if kind == "video" and muted:
            self.room.video.clear()
        elif kind == "video" and self._shown is not None:
            self.room.video.publish(self._shown)
        self._refresh_media()

    def _subscribe(self, participant: str, track: wire.Track) -> None:
        """Write what a participant sends into shared memory for the kernel."""
        if (participant, track) in self._sinks:
            return
        incoming = self.room.remote(participant).incoming
        sink = AudioSink if track == "audio" else VideoSink
        self._sinks[participant, track] = sink(self._send, participant, track, incoming)

    def _use_audio_ring(self, path: str) -> None:
        if self._player is not None:
            self._player.stop()
        self._player = AudioPlayer(AudioRing(RATE, 2, path), self._play)

    async def close(self) -> None:
        """Leave the room and end everything of this peer's."""
        self.room.leave()
        self._stop_transform()
        if self._player is not None:
            self._player.stop()
        for source in set(self._sources.values()):
            await source.stop()
        self._sources.clear()
        await asyncio.gather(self._running, return_exceptions=True)
        await self._channels.close()
        for watch in [*self._sinks.values(), *([self._own] if self._own else [])]:
            watch.close()

    # -- the room

    def _on_event(self, name: str, payload: dict[str, Any]) -> None:
        if name in _FOR_THE_KERNEL:
            self._send(wire.RoomEvent(name, payload))
        if name == "user_left":
            for track in get_args(wire.Track):
                sink = self._sinks.pop((payload["socketId"], track), None)
                if sink is not None:
                    sink.close()
        if name in ("user_left", "media_state"):
            self._choose_input()

    def _on_arrived(self, participant: str) -> None:
        incoming = self.room.incoming(participant)
        for (key, _track), sink in self._sinks.items():
            if key == participant and incoming is not None:
                sink.follow(incoming)
        self._choose_input()

    # -- frames on their way out

    def _publish(self, frame: av.VideoFrame) -> None:
        self._shown = frame
        if not self._muted["video"]:
            self.room.video.publish(frame)
            self._refresh_media()

    def _clear(self) -> None:
        """Stop sending the last frame, also to participants who join later."""
        self._shown = None
        self.room.video.clear()

    def _play(self, block: av.AudioFrame) -> None:
        if isinstance(self._sources.get("audio"), KernelSource):
            self._publish_audio(block)

    def _publish_audio(self, block: av.AudioFrame) -> None:
        if not self._muted["audio"]:
            self.room.audio.publish(block)

    def _refresh_media(self) -> None:
        if self._transforming:
            video = self._input is not None and self._input[0] != "nobody"
        else:
            video = "video" in self._sources
        self.room.set_media(
            video=video and not self._muted["video"],
            audio="audio" in self._sources and not self._muted["audio"],
        )

    def _stopped_sending(self, kind: str) -> None:
        if kind == "video":
            if self._of is None:
                self._clear()
            self._choose_input()
        self._refresh_media()

    async def _open(self, kind: str, spec: wire.SourceSpec) -> Any:
        what = spec["what"]
        if what == "pattern":
            return PatternSource(self._name, spec["size"], spec["fps"], self._from_source)
        if what == "tone":
            return ToneSource(self._publish_audio)
        if what == "kernel":
            return KernelSource()

        def ended(problem: str | None) -> None:
            for one in ("video", "audio"):
                if self._sources.get(one) is source:
                    del self._sources[one]
                    self._stopped_sending(one)
            self._tasks.spawn(source.stop())
            self._send(wire.SourceEnded(problem))

        outputs = Outputs(
            video=self._from_source if kind == "video" else None,
            audio=self._publish_audio if kind == "audio" or spec["both"] else None,
            tell=lambda text: self._send(wire.Problem("bad_source", text)),
            ended=ended,
        )
        source = await FileSource.open(
            what, outputs, fps=spec["fps"], loop=spec["loop"]
        )  # `ended` refers to it
        return source

    def _from_source(self, frame: av.VideoFrame) -> None:
        self._source_number += 1
        if not self._transforming:
            self._publish(frame)
        elif self._of is None:
            self._feed(frame, self._source_number, time.time())

    def take_frame(self) -> None:
        """Read the kernel's newest frame, and request a notification of the next one."""
        memory = self._buffer
        if memory is None:
            return
        memory.want()
        while (buffered := memory.look()) is not None:
            frame = to_i420(buffered.pixels)
            if memory.intact(buffered):
                if self._transforming == "peer":
                    self._from_source(frame)
                else:
                    self._publish(frame)  # unchanged, or the result of the kernel's transform
                return

    # -- the transform's input

    def _choose_input(self) -> None:
        """Find whose frames are transformed: our own source's, the given participant's, or the first browser's."""
        chosen = self._choice() if self._transforming else None
        if chosen == self._input:
            return
        before, self._input = self._input, chosen
        if self._feeding is not None:
            self._feeding()
            self._feeding = None
        if before is not None and chosen is not None:
            self._clear()  # the frame that is sent was made from another participant's
        kind, participant = chosen or ("nobody", "")
        self._send(wire.TransformInput({"source": "", "other": participant}.get(kind)))
        incoming = self.room.incoming(participant) if kind == "other" else None
        if incoming is not None and self._transforming == "peer":
            self._feeding = incoming.video.listen(self._feed)
        self._refresh_media()

    def _choice(self) -> tuple[str, str]:
        """Return "kernel" or "source" for our own, "other" with an id, or "nobody"."""
        if self._of is None and "video" in self._sources:
            return ("kernel" if isinstance(self._sources["video"], KernelSource) else "source"), ""
        here = [(key, self.room.entry(key) or {}) for key in self.room.participants]
        if self._of is not None:
            named = [key for key, entry in here if entry.get("name") == self._of]
            fitting = [self._of] if self.room.entry(self._of) is not None else named
        else:
            people = [key for key, entry in here if entry.get("kind") != "python"]
            fitting = people or [key for key, _entry in here]
        return ("other", fitting[0]) if fitting else ("nobody", "")

    def _feed(self, frame: av.VideoFrame, number: int, when: float) -> None:
        """Give the transform a frame: here, or in the kernel."""
        if self._worker is not None:
            self._newest = (frame, number, when)
            self._worker.notify()
        elif self._transforming == "kernel":
            if self._own is None:
                self._own = VideoSink(self._send, "", "video", Incoming())
            self._own.put(frame, number, when)

    def _take(self) -> Frame | None:
        newest, self._newest = self._newest, None
        if newest is None:
            return None
        frame, number, when = newest
        entry = self.room.entry(self._input[1]) if self._input is not None else None
        return Frame(rgb_of(frame), entry["name"] if entry else self._name, number, when)

    def _stop_transform(self) -> None:
        if self._worker is not None:
            self._worker.stop(timeout=0)
            self._worker = None
        if self._feeding is not None:
            self._feeding()
            self._feeding = None
