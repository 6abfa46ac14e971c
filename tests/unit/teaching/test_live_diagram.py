"""The live diagram: drawn for those who look, when something has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.teaching import live_diagram
from rtc_widget.teaching.live_diagram import LiveDiagram
from rtc_widget.trace import overview
from rtc_widget.trace.event_log import EventLog
from tests.support.fakes import entry
from tests.support.traces import sdp
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Drawn:
    """A diagram, and what it has sent."""

    def __init__(self, newest: int = 200) -> None:
        self.sent: list[tuple[dict[str, Any], str]] = []
        self.log = EventLog("demo", newest=newest)
        for order, key in enumerate(("ada", "bob"), 1):
            self.log.apply("user_joined", {**entry(key, order), "at": order * 1000.0})
        state = {"type": "state", "at": 1.0, "peer": "bob", "name": "connection_state", "value": "connected"}
        self.log.apply("report", {"from": "ada", "entries": [state]})
        self.diagram = LiveDiagram(
            self.log,
            lambda: {"kind": "panel", "paused": False},
            list,
            lambda content, to: self.sent.append((content, to)),
        )

    def report(self, sender: str, peer: str, **figures: float) -> None:
        """Let somebody report a measurement."""
        self.log.apply(
            "report", {"from": sender, "entries": [{"type": "stats", "at": 2.0, "peer": peer, **figures}]}
        )
        self.diagram.measured()

    async def sends(self, count: int) -> list[str]:
        """Wait for so many drawings; return who has got them."""
        await wait_for(lambda: len(self.sent) >= count, 10, f"{count} drawings")
        return [to for _content, to in self.sent]


@pytest.fixture
async def drawn(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Drawn]:
    monkeypatch.setattr(live_diagram, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(live_diagram, "_SHARE", 1_000.0)
    made = Drawn()
    yield made
    await made.diagram.close()


async def test_who_opens_it_gets_a_drawing_with_what_is_held_and_broken(drawn: Drawn) -> None:
    drawn.diagram.open("tab")

    assert await drawn.sends(1) == ["tab"]
    content, _to = drawn.sent[0]
    assert (content["kind"], content["paused"]) == ("panel", False)
    assert "<" in content["html"]


async def test_of_a_long_call_it_draws_the_newest_part_and_says_so(drawn: Drawn) -> None:
    long = Drawn(newest=1)
    for each in (drawn, long):
        each.diagram.open("tab")
        await each.sends(1)
        await each.diagram.close()

    (whole, _), (part, _) = *drawn.sent, *long.sent
    assert "left out here" not in whole["html"]
    assert "2 older events are left out here" in part["html"]


async def test_it_is_drawn_anew_when_something_has_happened_and_only_then(drawn: Drawn) -> None:
    drawn.diagram.open("tab")
    await drawn.sends(1)
    drawn.diagram.open("tab")  # still looking
    drawn.diagram.changed()
    drawn.diagram.changed()

    assert await drawn.sends(2) == ["tab", "tab"]


async def test_all_who_look_get_it_and_who_has_shut_it_does_not(drawn: Drawn) -> None:
    drawn.diagram.open("one")
    await drawn.sends(1)
    drawn.diagram.open("two")
    await drawn.sends(3)
    drawn.diagram.shut("one")
    drawn.diagram.changed()

    assert (await drawn.sends(4))[3:] == ["two"]


async def test_for_a_tab_that_says_nothing_for_long_nothing_is_drawn(
    monkeypatch: pytest.MonkeyPatch, drawn: Drawn
) -> None:
    monkeypatch.setattr(live_diagram, "_LEASE_SECONDS", 0.0)
    drawn.diagram.open("tab")

    await wait_for(lambda: drawn.diagram._drawing is None, 10)

    assert drawn.sent == []


async def test_what_cannot_be_drawn_is_logged_and_the_next_is_drawn(
    monkeypatch: pytest.MonkeyPatch, drawn: Drawn, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(overview, "overview", lambda *_: 1 // 0)
        drawn.diagram.open("tab")
        await wait_for(lambda: "could not be drawn" in caplog.text, 10)

    drawn.diagram.changed()

    assert await drawn.sends(1) == ["tab"]


@pytest.mark.parametrize("line", ["m=", "a=fmtp:96 profile-level-id=zzzzzz"])
async def test_a_description_that_nobody_can_read_costs_no_drawing(drawn: Drawn, line: str) -> None:
    for sender, peer, setup, more in (("ada", "bob", "actpass", f"{line}\r\n"), ("bob", "ada", "active", "")):
        kind = "offer" if more else "answer"
        content = {"type": kind, "sdp": sdp("Kp3c", setup=setup) + more}
        about = {"id": kind, "stage": "arrived", "at": 3000.0, "from": sender, "to": peer, "event": kind}
        drawn.log.apply("signal", {"entries": [{**about, "content": content}]})
    drawn.diagram.open("tab")

    await drawn.sends(1)

    content, _to = drawn.sent[0]
    assert "leaves the choice to the answer" in content["html"]
    assert "begins the DTLS handshake" in content["html"]


async def test_it_can_be_opened_again_after_its_end(drawn: Drawn) -> None:
    drawn.diagram.open("tab")
    await drawn.sends(1)
    await drawn.diagram.close()

    drawn.diagram.open("tab")

    assert await drawn.sends(2) == ["tab", "tab"]


async def test_measurements_are_sent_to_those_who_look_at_the_overview_and_nobody_else(drawn: Drawn) -> None:
    drawn.diagram.open("diagram")
    await drawn.sends(1)
    drawn.diagram.open("overview", everybody=True)
    await drawn.sends(3)
    drawn.report("ada", "bob", sent_bitrate=437_000)

    assert (await drawn.sends(4))[3] == "overview"
    content, _to = drawn.sent[3]
    assert content.keys() == {"kind", "overview"}
    assert "437 kbit/s" in content["overview"]

    drawn.diagram.open("overview")
    drawn.report("ada", "bob", sent_bitrate=500_000)
    drawn.diagram.changed()
    assert (await drawn.sends(6))[4:] == ["diagram", "overview"]
    assert "500 kbit/s" in drawn.sent[4][0]["html"]
