"""The comm between a widget and its front ends."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from rtc_widget.widget.comm_channel import CommChannel

Sent = list[tuple[dict[str, Any], Any]]


def channel_with(sent: Sent) -> CommChannel:
    return CommChannel(lambda content, buffers: sent.append((content, buffers)))


def test_a_message_says_whom_it_is_for() -> None:
    sent: Sent = []
    channel = channel_with(sent)

    channel.send({"kind": "recording", "on": False})
    channel.send({"kind": "recording", "on": False}, to="tab", buffers=[b"x"])

    assert sent == [
        ({"kind": "recording", "on": False, "to": "*"}, None),
        ({"kind": "recording", "on": False, "to": "tab"}, [b"x"]),
    ]


def test_a_message_is_not_changed_by_sending_it() -> None:
    message: Any = {"kind": "recording", "on": False}

    channel_with([]).send(message)

    assert message == {"kind": "recording", "on": False}


def test_a_message_goes_to_the_receiver_of_its_kind() -> None:
    came: list[Any] = []
    channel = channel_with([])
    channel.receive_with({"hello": lambda *message: came.append(message), "phase": lambda *_message: 1 // 0})

    content = {"kind": "hello", "client_id": "tab"}
    channel.receive(None, content, [memoryview(b"x")])

    assert came == [("tab", content, [b"x"])]


@pytest.mark.parametrize(
    "content",
    [
        None,
        "hello",
        {},
        {"kind": "hello"},
        {"kind": "hello", "client_id": 7},
        {"kind": "eval", "client_id": "tab"},
        {"kind": ["hello"], "client_id": "tab"},
    ],
)
def test_what_no_front_end_of_ours_sends_is_dropped(content: Any) -> None:
    came: list[Any] = []
    channel = channel_with([])
    channel.receive_with({"hello": lambda *message: came.append(message)})

    channel.receive(None, content, [])

    assert came == []


def test_a_message_that_cannot_be_sent_is_logged_unless_the_widget_is_closed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_content: Any, _buffers: Any) -> None:
        raise RuntimeError("The comm is closed.")

    channel = CommChannel(fail)
    with caplog.at_level(logging.ERROR):
        channel.send({"kind": "recording", "on": False})
        assert "could not be sent" in caplog.text
        caplog.clear()
        channel.close()
        channel.send({"kind": "recording", "on": False})

    assert caplog.text == ""


def test_a_closed_widget_takes_nothing() -> None:
    came: list[Any] = []
    channel = channel_with([])
    channel.receive_with({"hello": lambda *message: came.append(message)})

    channel.close()
    channel.receive(None, {"kind": "hello", "client_id": "tab"}, [])

    assert came == []
