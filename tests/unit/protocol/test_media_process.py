"""The pipe's tables: every command is handled by somebody."""

from __future__ import annotations

import ast
import inspect
import pickle
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.protocol import media_process as wire

if TYPE_CHECKING:
    from collections.abc import Callable


def matched(function: Callable[..., Any]) -> set[str]:
    """Return the names of the wire's classes that a function's ``match`` has a case for."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return {
        node.cls.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.MatchClass) and isinstance(node.cls, ast.Attribute)
    }


def test_every_command_is_handled_once() -> None:
    pytest.importorskip("aiortc")
    from rtc_widget.peer.process.hosted_peer import HostedPeer
    from rtc_widget.peer.process.media_host import MediaHost

    by_host = matched(MediaHost.receive)
    by_peer = matched(HostedPeer.run)

    assert by_peer | by_host == {command.__name__ for command in wire.COMMANDS}
    # The host lets a message wait apart from the other commands, and the peer sends it.
    assert by_peer & by_host == {"Send"}


def test_every_event_is_taken_by_the_kernel() -> None:
    from rtc_widget.peer.peer import Peer

    source = inspect.getsource(Peer)

    assert [event.__name__ for event in wire.EVENTS if f"{event.__name__}(" not in source] == []


@pytest.mark.parametrize(
    "message",
    [
        wire.Request(
            1,
            2,
            wire.Use(
                "video", {"what": "pattern", "size": (16, 16), "fps": 1.0, "both": False, "loop": False}
            ),
        ),
        wire.Reply(2, {"sent": 1}),
        wire.Reply(2, error=("ProtocolError", "timeout", "It took too long.")),
        wire.Notification(1, wire.Ended(None)),
    ],
)
def test_a_message_is_the_same_after_its_way(message: object) -> None:
    assert pickle.loads(pickle.dumps(message)) == message
