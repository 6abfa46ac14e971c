"""One peer in the media process: its room, what it sends, and who wants to see what comes."""

from __future__ import annotations

import asyncio
import pickle
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt

from ...errors import InvalidArgumentError, ProtocolError
from ...media.frame import RATE, Frame, rgb_of, to_i420
from ...relay.address import Relay
from ..ipc.pipe import Message
from ..ipc.shared_memory import Pixels, Sound
from ..ipc.transform_worker import Transform, TransformWorker
from .frame_sinks import AudioWatch, SoundPlayer, VideoWatch
from .incoming import Incoming
from .room import Hooks, PeerRoom
from .sources import FileSource, PatternSource, ToneSource

_TOKEN_SECONDS: Final = 600.0

Send = Callable[[Message], None]


class Seat:
    """A peer, from its first command to `close`. Used on the event loop.

    Parameters
    ----------
    key : int
        The kernel's number for this peer, the first thing in every message about it.
    options : dict
        ``room``, ``name``, ``key``, ``relay`` as (url, secret) or None, ``token``, ``ice_servers``.
    send : callable
        Takes messages for the kernel.
    """

    def __init__(self, key: int, options: dict[str, Any], send: Send) -> None:
        self._key, self._send = key, send
        self._name = options["name"]
        self._room_name = options["room"]
        self._relay = Relay(options["relay"][0], secret=options["relay"][1]) if options["relay"] else None
        self._token = options["token"]
        self.room = PeerRoom(
            self._room_name,
            self._name,
            options["key"],
            find=self._find,
            ice_servers=options["ice_servers"],
            hooks=Hooks(
                snapshot=lambda entries: self._tell("snapshot", entries),
                event=lambda name, payload: self._event(name, payload),
                lost=lambda: self._tell("lost"),
                ended=lambda error: self._tell("ended", error.info() if error else None),
                message=lambda sender, data: self._tell("message", sender, data),
                arrived=self._arrived,
            ),
        )
        self._running = asyncio.create_task(self.room.run())
        self._watched: dict[tuple[str, str], VideoWatch | AudioWatch] = {}
        # Our own source's pictures, for a transform in the kernel.
        self._own: VideoWatch | None = None
        self._sources: dict[str, Any] = {}
        self._muted = {"video": False, "audio": False}
        # What is shown, so that muting does not lose a still picture.
        self._shown: av.VideoFrame | None = None
        self._pixels: Pixels | None = None
        self._sound: SoundPlayer | None = None
        self._worker: TransformWorker | None = None
        self._newest: tuple[av.VideoFrame, int, float] | None = None
        self._feeding: Callable[[], None] | None = None
        self._input: tuple[str, str] | None = None
        self._of: str | None = None
        self._transforming = ""
        self._source_number = 0
        self._tasks: set[asyncio.Task[None]] = set()

    # -- commands of the kernel's; each may be a coroutine, and what it raises travels back

    async def use(self, kind: str, spec: dict[str, Any] | None) -> bool:
        """Send from another source; tell whether it took over the sound too.

        The one before ends only when the new one is open.
        """
        fresh = None if spec is None else await self._open(kind, spec)
        old = self._sources.pop(kind, None)
        if kind == "video" and old is not None and self._sources.get("audio") is old:
            del self._sources["audio"]  # a film's sound goes with its picture
        if old is not None and old in self._sources.values():
            old.go_on_without_sound()
        elif old is not None:
            await old.stop()
        if fresh is None:
            self._stopped_sending(kind)
            return False
        self._sources[kind] = fresh
        takes_sound = kind == "video" and bool(fresh.has_audio)
        if takes_sound:
            await self._replace_audio(fresh)
        fresh.start()
        self._choose_input()
        self._refresh_media()
        return takes_sound

    async def _replace_audio(self, film: FileSource) -> None:
        before, self._sources["audio"] = self._sources.get("audio"), film
        if before is not None:
            await before.stop()

    async def transform(self, where: str, of: str | None, pickled: bytes | None) -> None:
        """Say where pictures are transformed: "" for nowhere, "kernel", or "peer" with the function."""
        function = None if pickled is None else await asyncio.to_thread(_loaded, pickled)
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

        def give(picture: npt.NDArray[np.uint8]) -> None:
            loop.call_soon_threadsafe(publish, to_i420(picture))

        def show(text: str) -> None:
            loop.call_soon_threadsafe(self._tell, "traceback", text)

        return TransformWorker(function, self._take, give, show)

    def mute(self, kind: str, muted: bool) -> None:
        """Stop sending sound or pictures, or go on."""
        self._muted[kind] = muted
        if kind == "video" and muted:
            self.room.video.clear()
        elif kind == "video" and self._shown is not None:
            self.room.video.publish(self._shown)
        self._refresh_media()

    async def send(self, data: str | bytes, to: str | None, timeout: float) -> None:  # noqa: ASYNC109
        """Send a data channel message."""
        await self.room.send(data, to, timeout)

    def decline(self, recording: str) -> None:
        """Be left out of a recording of the room."""
        self.room.recordings.decline(recording)

    def watch(self, participant: str, what: str) -> None:
        """Let the kernel see somebody's "video", "screen" or "audio" in shared memory, from now on."""
        if (participant, what) in self._watched:
            return
        incoming = self._incoming(participant)
        if incoming is None:
            raise ProtocolError("unknown_participant", "Nobody of that id is in this room any more.")
        watch = AudioWatch if what == "audio" else VideoWatch
        self._watched[participant, what] = watch(self, participant, what, incoming)

    def pixels(self, path: str, capacity: int) -> None:
        """Take the memory in which the kernel's own pictures come."""
        self._pixels = Pixels(capacity, path)

    def sound(self, path: str) -> None:
        """Take the memory in which the kernel's own sound comes."""
        if self._sound is not None:
            self._sound.stop()
        self._sound = SoundPlayer(Sound(RATE, 2, path), self._play)

    def stats(self) -> dict[str, Any]:
        """Figures of the transform, if it runs here."""
        return {"transform": self._worker.stats if self._worker else None, "sent": self.room.video.number}

    async def close(self) -> None:
        """Leave the room and end everything of this peer's."""
        self.room.leave()
        self._stop_transform()
        if self._sound is not None:
            self._sound.stop()
        for source in set(self._sources.values()):
            await source.stop()
        self._sources.clear()
        await asyncio.gather(self._running, return_exceptions=True)
        for watch in [*self._watched.values(), *([self._own] if self._own else [])]:
            watch.close()

    # -- the room

    async def _find(self) -> tuple[str, str]:
        relay = self._relay if self._relay is not None else await asyncio.to_thread(Relay.local)
        return relay.url, self._token or relay.token(self._room_name, expires=_TOKEN_SECONDS)

    def _tell(self, kind: str, *values: Any) -> None:
        self._send((self._key, kind, *values))

    def _event(self, name: str, payload: dict[str, Any]) -> None:
        if name in (
            "user_joined",
            "user_left",
            "user_away",
            "user_back",
            "media_state",
            "report",
            "recording",
        ):
            self._tell("event", name, payload)
        if name == "user_left":
            for what in ("video", "screen", "audio"):
                watch = self._watched.pop((payload["socketId"], what), None)
                if watch is not None:
                    watch.close()
        if name in ("user_left", "media_state"):
            self._choose_input()

    def _arrived(self, participant: str) -> None:
        for (key, _what), watch in self._watched.items():
            incoming = self._incoming(key)
            if key == participant and incoming is not None:
                watch.follow(incoming)
        self._choose_input()

    def _incoming(self, participant: str) -> Incoming | None:
        return self.room.incoming(participant)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- pictures on their way out

    def _publish(self, frame: av.VideoFrame) -> None:
        self._shown = frame
        if not self._muted["video"]:
            self.room.video.publish(frame)
            self._refresh_media()

    def _clear(self) -> None:
        """Show nothing any more, to those who come later neither."""
        self._shown = None
        self.room.video.clear()

    def _play(self, block: av.AudioFrame) -> None:
        if isinstance(self._sources.get("audio"), _KernelSource):
            self._hear(block)

    def _hear(self, block: av.AudioFrame) -> None:
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

    async def _open(self, kind: str, spec: dict[str, Any]) -> Any:
        what = spec["what"]
        if what == "pattern":
            return PatternSource(self._name, spec["size"], spec["fps"], self._from_source)
        if what == "tone":
            return ToneSource(self._hear)
        if what == "kernel":
            return _KernelSource()

        def ended(problem: str | None) -> None:
            for one in ("video", "audio"):
                if self._sources.get(one) is source:
                    del self._sources[one]
                    self._stopped_sending(one)
            self._spawn(source.stop())
            self._tell("source_ended", problem)

        video = self._from_source if kind == "video" else None
        audio = self._hear if kind == "audio" or spec.get("both") else None
        source = await FileSource.open(what, video, audio, ended)  # `ended` knows it too
        return source

    def _from_source(self, frame: av.VideoFrame) -> None:
        self._source_number += 1
        if not self._transforming:
            self._publish(frame)
        elif self._of is None:
            self._feed(frame, self._source_number, time.time())

    def picture(self) -> None:
        """Take the kernel's newest picture out of the memory, and ask to be told of the next one."""
        memory = self._pixels
        if memory is None:
            return
        memory.want()
        while (picture := memory.look()) is not None:
            frame = to_i420(picture.pixels)
            if memory.intact(picture):
                if self._transforming == "peer":
                    self._from_source(frame)
                else:
                    self._publish(frame)  # as it is, or what the kernel's transform made
                return

    # -- the transform's input

    def _choose_input(self) -> None:
        """Find whose pictures are transformed: our own source's, the one named, or the first who is not a program."""
        chosen = self._choice() if self._transforming else None
        if chosen == self._input:
            return
        before, self._input = self._input, chosen
        if self._feeding is not None:
            self._feeding()
            self._feeding = None
        if before is not None and chosen is not None:
            self._clear()  # what is shown was made of another's picture
        kind, participant = chosen or ("nobody", "")
        self._tell("transforms", {"source": "", "other": participant}.get(kind))
        incoming = self._incoming(participant) if kind == "other" else None
        if incoming is not None and self._transforming == "peer":
            self._feeding = incoming.video.listen(self._feed)
        self._refresh_media()

    def _choice(self) -> tuple[str, str]:
        """Return "kernel" or "source" for our own, "other" with an id, or "nobody"."""
        if self._of is None and "video" in self._sources:
            return ("kernel" if isinstance(self._sources["video"], _KernelSource) else "source"), ""
        here = [(key, self.room.entry(key) or {}) for key in self.room.participants]
        if self._of is not None:
            fitting = [key for key, entry in here if self._of in (key, entry.get("name"))]
        else:
            people = [key for key, entry in here if entry.get("kind") != "python"]
            fitting = people or [key for key, _entry in here]
        return ("other", fitting[0]) if fitting else ("nobody", "")

    def _feed(self, frame: av.VideoFrame, number: int, when: float) -> None:
        """Give the transform a picture: here, or in the kernel."""
        if self._worker is not None:
            self._newest = (frame, number, when)
            self._worker.wake()
        elif self._transforming == "kernel":
            if self._own is None:
                self._own = VideoWatch(self, "", "video", Incoming())
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

    # -- what watchers need

    def trouble(self, text: str) -> None:
        """Tell the kernel what went wrong."""
        self._tell("trouble", text)

    def announce(self, participant: str, what: str, path: str, size: int) -> None:
        """Tell the kernel of new memory."""
        self._tell("memory", participant, what, path, size)

    def wake(self, participant: str, what: str) -> None:
        """Tell the kernel that there is something new in the memory, which it asked for."""
        self._tell("wake", participant, what)


def _loaded(pickled: bytes) -> Transform:
    """Return the user's function; importing its module may take a while."""
    try:
        path, function = pickle.loads(pickled)  # noqa: S301
        sys.path.extend(entry for entry in path if entry not in sys.path)
        loaded: Transform = pickle.loads(function)  # noqa: S301
    except Exception as error:
        raise InvalidArgumentError(
            "bad_transform",
            f"The function cannot be loaded in the media process ({error}): put it into a module that can be "
            'imported, or leave run="peer" out.',
        ) from None
    return loaded


class _KernelSource:
    """Pictures or sound that the kernel hands over."""

    has_audio = False

    def start(self) -> None:
        """Nothing to begin: the kernel gives when it likes."""

    async def stop(self) -> None:
        """Nothing to end."""
