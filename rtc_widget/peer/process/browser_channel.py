"""Media and messages of one browser over the notebook's own connection, where ICE finds no way to it.

What comes goes where a connection's tracks go, and what is sent is taken from where they take it, so that nothing else of a
peer knows the difference.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Literal

import av

from ...errors import ProtocolError
from ...media.encoders import opus_encoder
from ...media.resampler import Resampler
from ...media.send_rate import SendRate, scale_for
from ...media.vp8 import Vp8Decoder, Vp8Encoder
from ...protocol.channel_messages import ChannelMessage, Kind, join_packets, split_packets, unpack
from ...runtime.tasks import TaskSet
from .channel_stats import ChannelStats
from .incoming import Incoming, VideoIn
from .outgoing import AudioHub, AudioOut, VideoHub, VideoOut
from .sources import audio_block

FPS: Final = 15
"""At most so many frames a second: each of them passes through the notebook's server, and many through its kernel."""

_START, _LEAST, _MOST = 600_000, 60_000, 1_500_000
_AUDIO_BITRATE: Final = 32_000
# 60 ms of audio in a message, and at most a second of it under way.
_PACKETS: Final = 3
_MOST_AUDIO: Final = 16
_MOST_MESSAGES: Final = 8
# A sender that heeds acknowledgements has far fewer under way.
_MOST_WAITING: Final = 32
_LOOK_SECONDS: Final = 0.1

Send = Callable[[bytes], Awaitable[None]]


class BrowserChannel:
    """One channel, from its opening until `close`. Used on the event loop.

    Parameters
    ----------
    send : callable
        Coroutine function that sends a message; returns when there is room for more.
    incoming : Incoming
        Where what comes goes.
    video, audio : VideoHub, AudioHub
        What is sent.
    on_message : callable
        Takes a message, as of a data channel.
    on_closed : callable
        Called once, at its end.
    """

    def __init__(
        self,
        send: Send,
        *,
        incoming: Incoming,
        video: VideoHub,
        audio: AudioHub,
        on_message: Callable[[str | bytes], None],
        on_closed: Callable[[], None],
    ) -> None:
        self._raw_send, self._on_message, self._on_closed = send, on_message, on_closed
        self._rate = SendRate(_START, _LEAST, _MOST)
        self._encoder = Vp8Encoder()
        self._room = asyncio.Event()
        self._sent: dict[str, int] = {}
        self._acknowledged: dict[str, int] = {}
        # The newest number of each kind that has come, and of what a key frame is needed: a browser that takes no answers
        # lets none pile up.
        self._owed: dict[tuple[Literal["ack", "key"], Kind], int] = {}
        self._owing = asyncio.Event()
        self._audio_out = AudioOut(audio)
        self._audio_in = incoming.audio
        self._opus: Any = None
        self._to_s16 = Resampler()
        self._receivers: dict[str, _VideoReceiver] = {
            "video": _VideoReceiver("video", incoming.video, self._owe),
            "screen": _VideoReceiver("screen", incoming.screen, self._owe),
        }
        self.stats = ChannelStats(incoming.video, self._rate)
        self._tasks = TaskSet()
        self._closed = False
        works: list[Callable[[], Coroutine[Any, Any, None]]] = [
            functools.partial(self._send_video, VideoOut(video)),
            self._send_audio,
            self._send_answers,
            *(receiver.run for receiver in self._receivers.values()),
        ]
        for work in works:
            self._tasks.spawn(_until_lost(work))

    async def send_all(self, messages: list[str | bytes]) -> None:
        """Send messages that have waited for a way.

        Parameters
        ----------
        messages : list of str or bytes
            In their order.
        """
        for data in messages:
            await self.send_message(data)

    async def send_message(self, data: str | bytes) -> bool:
        """Send a message as over a data channel, once there is room for it.

        Parameters
        ----------
        data : str or bytes
            The message.

        Returns
        -------
        bool
            False when the channel has been closed.
        """
        kind: Literal["text", "bytes"] = "text" if isinstance(data, str) else "bytes"
        while not self._closed and self._under_way(kind) >= _MOST_MESSAGES:
            await self._wait_for_room()
        if self._closed:
            return False
        payload = data.encode() if isinstance(data, str) else data
        try:
            await self._send(ChannelMessage(kind, self._count(kind), payload))
        except ConnectionError:
            return False
        return True

    def receive(self, data: bytes) -> None:
        """Take a message of the browser's.

        Parameters
        ----------
        data : bytes
            As it came.

        Raises
        ------
        ProtocolError
            ``bad_request`` for what is none; ``closed`` at the end, so that its path ends as well.
        """
        if self._closed:
            raise ProtocolError("closed", "This media channel has been closed.")
        message = unpack(data)
        self.stats.received += len(data)
        match message.kind:
            case "video" | "screen":
                self._receivers[message.kind].put(message)
            case "audio":
                self._receive_audio(message)
            case "text" | "bytes":
                self._receive_data(message)
            case "ack" if message.of is not None:
                self._acknowledge(message.of, message.number)
            case "key":
                self._encoder.restart()
            case _:
                raise ProtocolError(
                    "bad_request", f"A message of the media channel is out of place: {message.kind}."
                )

    async def close(self) -> None:
        """End everything that runs for it. What it travelled over ends when something comes over that."""
        if self._closed:
            return
        self._closed = True
        self._on_closed()
        self._room.set()
        self._audio_out.close()
        await self._tasks.close()

    # -- out

    async def _send_video(self, track: VideoOut) -> None:
        loop = asyncio.get_running_loop()
        due = 0.0
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not self._rate.may_send(loop.time()):
                await self._wait_for_room()
                continue
            frame = await track.recv()
            due = max(loop.time(), due + 1 / FPS)
            scale = scale_for(frame.width, frame.height, self._rate.bitrate)
            try:
                data, key = await asyncio.to_thread(
                    self._encoder.encode, frame, bitrate=self._rate.bitrate, scale=scale
                )
            except av.FFmpegError:
                self._encoder.restart()
                continue
            if not data:
                continue
            number = self._count("video")
            self._rate.sent(number, len(data), loop.time())
            await self._send(ChannelMessage("video", number, data, key=key))

    async def _send_audio(self) -> None:
        encoder = opus_encoder("stereo", bit_rate=_AUDIO_BITRATE, options={"application": "voip"})
        packets: list[bytes] = []
        while True:
            block = await self._audio_out.recv()
            # Others send the same block, and an encoder changes what it is given.
            samples: Any = block.to_ndarray()
            own = audio_block(samples.reshape(-1, 2))
            own.pts, own.time_base = block.pts, block.time_base
            packets += [bytes(packet) for packet in encoder.encode(own)]
            if len(packets) < _PACKETS:
                continue
            if self._under_way("audio") < _MOST_AUDIO:
                await self._send(ChannelMessage("audio", self._count("audio"), join_packets(packets)))
            packets = []

    def _count(self, kind: str) -> int:
        number = self._sent[kind] = self._sent.get(kind, 0) + 1
        return number

    def _under_way(self, kind: str) -> int:
        return self._sent.get(kind, 0) - self._acknowledged.get(kind, 0)

    async def _wait_for_room(self) -> None:
        self._room.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._room.wait()

    def _acknowledge(self, kind: str, number: int) -> None:
        if number > self._sent.get(kind, 0):
            raise ProtocolError("bad_request", "What was never sent is acknowledged.")
        self._acknowledged[kind] = max(number, self._acknowledged.get(kind, 0))
        if kind == "video":
            self._rate.acknowledged(number, asyncio.get_running_loop().time())
        self._room.set()

    async def _send(self, message: ChannelMessage) -> None:
        data = message.pack()
        self.stats.sent += len(data)
        await self._raw_send(data)

    # -- in

    def _owe(self, kind: Literal["ack", "key"], of: Kind, number: int = 0) -> None:
        self._owed[kind, of] = number
        self._owing.set()

    async def _send_answers(self) -> None:
        while True:
            await self._owing.wait()
            self._owing.clear()
            while self._owed:
                (kind, of), number = self._owed.popitem()
                await self._send(ChannelMessage(kind, number, of=of))

    def _receive_audio(self, message: ChannelMessage) -> None:
        self._owe("ack", message.kind, message.number)
        if self._opus is None:
            self._opus = av.CodecContext.create("libopus", "r")
            self._opus.sample_rate, self._opus.layout = 48_000, "stereo"
        for packet in split_packets(message.payload):
            try:
                frames = self._opus.decode(av.Packet(packet))
            except av.FFmpegError:
                continue  # 20 ms of silence
            for frame in frames:
                for block in self._to_s16.resample(frame):
                    self._audio_in.push(block)

    def _receive_data(self, message: ChannelMessage) -> None:
        self._owe("ack", message.kind, message.number)
        if message.kind == "bytes":
            self._on_message(message.payload)
            return
        try:
            text = message.payload.decode()
        except UnicodeDecodeError:
            raise ProtocolError("bad_request", "A text of the media channel is not UTF-8.") from None
        self._on_message(text)


class _VideoReceiver:
    """Decodes one track's frames, one after the other, and says when each has been."""

    def __init__(
        self,
        kind: Literal["video", "screen"],
        into: VideoIn,
        answer: Callable[[Literal["ack", "key"], Kind, int], None],
    ) -> None:
        self._kind: Kind = kind
        self._into, self._answer = into, answer
        self._waiting: asyncio.Queue[ChannelMessage] = asyncio.Queue(_MOST_WAITING)
        self._needs_key = False

    def put(self, message: ChannelMessage) -> None:
        """Queue a frame; what a sender sends far ahead of acknowledgements is dropped."""
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            self._needs_key = True

    async def run(self) -> None:
        """Decode until cancelled."""
        decoder = Vp8Decoder()
        while True:
            message = await self._waiting.get()
            if message.key:
                self._needs_key = False
            frames: list[av.VideoFrame] = []
            if not self._needs_key:
                try:
                    frames = await asyncio.to_thread(decoder.decode, message.payload, key=message.key)
                except ValueError:
                    self._needs_key = True
            for frame in frames:
                self._into.push(frame)
            self._answer("ack", self._kind, message.number)
            if self._needs_key or not frames:
                self._answer("key", self._kind, 0)


async def _until_lost(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    # Whoever holds the path hears of its end, and closes the channel.
    with contextlib.suppress(ConnectionError):
        await work()
