"""Who takes which messages of the front ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from rtc_widget.protocol.comm import FROM_FRONT_END
from rtc_widget.widget import front_end
from rtc_widget.widget.comm_channel import CommChannel
from rtc_widget.widget.front_end_messages import receivers
from tests.support.fakes import fake_threads
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable


class Part:
    """Keeps what is called, by the part's name."""

    def __init__(self, name: str, calls: list[tuple[Any, ...]]) -> None:
        self._name, self._calls = name, calls

    def __getattr__(self, method: str) -> Callable[..., None]:
        return lambda *given: self._calls.append((f"{self._name}.{method}", *given))


class Received:
    """A channel with all receivers, and what they have called."""

    def __init__(self, *, keep_picture: bool = False) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.sent: list[dict[str, Any]] = []
        self.channel = CommChannel(lambda content, _buffers: self.sent.append(content))

        def part(name: str) -> Any:
            return cast("Any", Part(name, self.calls))

        self.receivers = receivers(
            self.channel,
            part("session"),
            fake_threads()[1],
            mirror=part("mirror"),
            move=part("move"),
            control=part("control"),
            recorder=part("recorder"),
            links=part("links"),
            notices=part("notices"),
            media=part("media"),
            on_picture=(lambda data: self.calls.append(("picture", data))) if keep_picture else None,
        )
        self.channel.receive_with(self.receivers)

    def receive(self, kind: str, **content: Any) -> list[tuple[Any, ...]]:
        """Take a message, and return what it has called."""
        self.channel.receive(None, {"kind": kind, "client_id": "tab", **content}, [])
        return self.calls


def test_every_kind_is_one_of_the_protocols() -> None:
    # "findings" are for `doctor()`, whose widget has a registry of its own.
    assert set(Received().receivers) == set(FROM_FRONT_END) - {"findings"}


async def test_who_comes_finds_the_widget_live_and_gets_a_heartbeat_and_who_waits() -> None:
    said = Received().receive("hello", origin="http://127.0.0.1:2718")

    assert said == [("session.open",), ("session.greet", "tab", "http://127.0.0.1:2718")]
    await asyncio.sleep(0)
    assert said[2:] == [("control.greet", "tab")]


async def test_who_waits_is_answered_on_the_rtc_thread() -> None:
    received = Received()
    content = {"kind": "answer", "client_id": "tab", "ids": ["bob"], "admit": True}

    assert received.receive("answer", ids=["bob"], admit=True) == []
    await asyncio.sleep(0)
    assert received.calls == [("control.receive_answer", content)]


def test_a_tunnels_messages_are_the_sessions() -> None:
    content = {"kind": "tunnel", "client_id": "tab", "op": "open"}

    assert Received().receive("tunnel", op="open") == [("session.receive_tunnel", "tab", content)]


def test_the_recording_button_is_on_or_off() -> None:
    assert Received().receive("record", on=True) == [("recorder.set_recording", True)]
    assert Received().receive("record", on="yes") == [("recorder.set_recording", False)]


def test_what_front_ends_know_of_the_call_is_the_mirrors() -> None:
    for kind in ("phase", "error", "devices", "message"):
        ((called, *_given),) = Received().receive(kind)
        assert called == f"mirror.receive_{kind}"


def test_a_picture_is_taken_only_where_one_is_to_be_kept() -> None:
    assert Received(keep_picture=True).receive("picture", data="x") == [("picture", "x")]
    assert Received().receive("picture", data="x") == []


async def test_the_trace_panels_requests_reach_the_control_on_the_loop() -> None:
    received = Received()
    received.receive("panel", action="pause")

    await asyncio.sleep(0)

    content = {"kind": "panel", "client_id": "tab", "action": "pause"}
    assert received.calls == [("control.receive_panel", "tab", content)]


async def test_a_page_without_a_camera_is_offered_the_join_page(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = []

    async def offer(self: Part, channel: CommChannel, client_id: str) -> None:
        offered.append((channel, client_id))

    monkeypatch.setattr(Part, "offer", offer, raising=False)
    received = Received()
    received.receive("join_page")

    await wait_for(lambda: offered)

    assert offered == [(received.channel, "tab")]


def test_a_module_goes_to_the_tab_that_asks_for_it_and_only_ours_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_end, "_module", lambda name: f"source of {name}")
    received = Received()
    received.receive("module", name="../../secrets")
    received.receive("module", name=["trace-panel"])
    assert received.sent == []

    received.receive("module", name="trace-panel")

    (message,) = received.sent
    assert (message["kind"], message["name"], message["to"]) == ("module", "trace-panel", "tab")
    assert message["source"] == "source of trace-panel"
