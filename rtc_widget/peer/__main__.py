"""A peer as a program: ``python -m rtc_widget.peer demo --source clip.mp4 --record out.mp4``.

Joins, sends what it is told to, records whoever sends first, and leaves at Ctrl-C, at SIGTERM, or after
``--seconds``. Everything runs in this one process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from ..errors import RtcWidgetError
from ..protocol import media_process as wire
from ..protocol.owner_key import new_owner_key
from ..runtime.logs import configure_media_process
from .process import aiortc_decoders, aiortc_internals
from .process.file_recorder import FileRecorder
from .process.hosted_peer import HostedPeer

_TOKEN_VARIABLE = "RTC_WIDGET_TOKEN"  # noqa: S105


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m rtc_widget.peer",
        description="Join a room as a program: send a file, record a participant.",
    )
    parser.add_argument("room", help="the room's name")
    parser.add_argument("--name", default="Python", help="the name shown to the others")
    parser.add_argument(
        "--source", help='what to send: a file, an address, /dev/video0, "pattern"; its audio goes along'
    )
    parser.add_argument("--audio", help='what to send as audio: a file, or "tone"')
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="write somebody's video and audio into a file"
    )
    parser.add_argument("--of", metavar="NAME", help="whom to record; whoever sends first by default")
    parser.add_argument("--seconds", type=float, help="leave after this time")
    parser.add_argument("--relay", metavar="URL", help="another relay's address")
    parser.add_argument(
        "--token",
        default=os.environ.get(_TOKEN_VARIABLE),
        help=f"what the relay's owner gave you; better in the environment's {_TOKEN_VARIABLE}",
    )
    arguments = parser.parse_args()
    if arguments.relay and not arguments.token:
        parser.error(f"--relay needs a token: --token, or {_TOKEN_VARIABLE} in the environment")
    if arguments.seconds is not None and not arguments.seconds > 0:
        parser.error("--seconds takes a number above 0")
    if arguments.record is not None and not arguments.record.parent.is_dir():
        parser.error(f"there is no folder {arguments.record.parent}")
    return arguments


class _Program:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._ended = asyncio.Event()
        self._problem: str | None = None
        self._recorder = FileRecorder(arguments.record) if arguments.record is not None else None
        self._recorded: str | None = None
        at = (arguments.relay, None) if arguments.relay else None
        options = wire.Open(
            arguments.room, arguments.name, new_owner_key(), relay=at, token=arguments.token, ice_servers=[]
        )
        self._peer = HostedPeer(options, self._on_event)

    async def run(self) -> int:
        """Be in the room until the end; return the exit status."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._ended.set)
        if self._arguments.seconds is not None:
            loop.call_later(self._arguments.seconds, self._ended.set)
        try:
            await self._use("video", self._arguments.source)
            await self._use("audio", self._arguments.audio)
            await self._ended.wait()
        except RtcWidgetError as error:
            self._problem = str(error)
        finally:
            await self._peer.close()
            if self._recorder is not None:
                await self._recorder.close()
                self._problem = self._problem or self._recorder.problem
                print(f"Recorded {self._recorder.seconds:.1f} s into {self._arguments.record}.", flush=True)
        if self._problem is not None:
            print(self._problem, file=sys.stderr)
        return 1 if self._problem is not None else 0

    async def _use(self, kind: wire.Kind, source: str | None) -> None:
        if source is not None:
            both = kind == "video"
            await self._peer.use(
                kind, {"what": source, "size": (640, 360), "fps": 30.0, "both": both, "loop": False}
            )

    def _on_event(self, event: wire.Event) -> None:
        match event:
            case wire.Entered(roster):
                print(f"In the room {self._arguments.room!r} as {self._arguments.name!r}.", flush=True)
                for entry in roster[:-1]:
                    self._on_joined(entry)
            case wire.RoomEvent("user_joined", payload):
                self._on_joined(payload)
            case wire.Ended(error) if error is not None:
                self._problem = f"{error['message']} [{error['code']}]"
                self._ended.set()
            case wire.Problem(_, problem) | wire.SourceEnded(str(problem)):
                print(problem, file=sys.stderr)

    def _on_joined(self, entry: dict[str, Any]) -> None:
        print(f"{entry['name']} is here.", flush=True)
        if self._recorder is not None and self._arguments.of in (None, entry["name"]):
            # The room adds the newcomer after this event.
            asyncio.get_running_loop().call_soon(self._await_frame, entry)

    def _await_frame(self, entry: dict[str, Any]) -> None:
        """Record the first participant who sends a frame, also when that one returns."""
        incoming, recorder = self._peer.room.incoming(entry["socketId"]), self._recorder
        if incoming is None or recorder is None:
            return

        def on_frame(*_frame: object) -> None:
            loop.call_soon(lambda: end())
            if self._recorded in (None, entry["name"]):
                self._recorded = entry["name"]
                recorder.follow(incoming)

        loop = asyncio.get_running_loop()
        end = incoming.video.listen(on_frame)


def main() -> int:
    """Run the program.

    Returns
    -------
    int
        The exit status.
    """
    configure_media_process()
    aiortc_internals.check_release()
    aiortc_internals.tune_encoders()
    aiortc_decoders.limit_decoders()
    arguments = _arguments()

    async def run() -> int:
        return await _Program(arguments).run()

    try:
        return asyncio.run(run())
    except RtcWidgetError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
