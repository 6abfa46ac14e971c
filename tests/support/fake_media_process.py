"""A media process that is none: two pipes, whose other ends the test holds."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING, Any, cast

from rtc_widget.peer.ipc.pipe import Message, pack, receive
from rtc_widget.peer.kernel import media_process
from rtc_widget.peer.kernel.media_process import MediaProcess
from rtc_widget.protocol.media_process import Event, Notification, Reply, Request

if TYPE_CHECKING:
    import subprocess


class FakeProcess:
    """What `MediaProcess` starts; it ends with its standard input, unless it is stuck."""

    pid = 4711

    def __init__(self) -> None:
        commands, self.stdin = (
            os.fdopen(end, mode, 0) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True)
        )
        self.stdout, answers = (
            os.fdopen(end, mode) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True)
        )
        self.commands, self.answers = cast("Any", commands), cast("Any", answers)
        self.is_stuck = self.was_told_to_leave = False
        self.kills = 0
        self.errors: IO[bytes] | None = None

    def start(self, errors: IO[bytes]) -> subprocess.Popen[bytes]:
        """Take the file for standard error."""
        self.errors = errors
        return cast("Any", self)

    def made(self) -> MediaProcess:
        """Make the kernel's end."""
        return MediaProcess(self.start)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        self.was_told_to_leave = self.stdin.closed
        if self.is_stuck:
            raise media_process.subprocess.TimeoutExpired("media process", timeout or 0)
        self.end()
        return 0

    def kill(self) -> None:
        """End it."""
        self.kills += 1
        self.is_stuck = False

    def end(self) -> None:
        """Close its ends of the pipes, as the end of a process does."""
        self.answers.close()
        self.commands.close()

    def read(self) -> Request:
        """Return the next request."""
        request = receive(self.commands)
        assert isinstance(request, Request)
        return request

    def say(self, message: Message) -> None:
        """Write an answer."""
        self.answers.write(pack(message))
        self.answers.flush()

    def answer(self, request: Request, value: Any = None, error: tuple[str, str, str] | None = None) -> None:
        """Answer a request."""
        self.say(Reply(request.number, value, error))

    def tell(self, peer: int, event: Event) -> None:
        """Tell a peer of an event."""
        self.say(Notification(peer, event))

    def print(self, text: str) -> None:
        """Write to standard error."""
        assert self.errors is not None
        self.errors.write(text.encode())
        self.errors.flush()
