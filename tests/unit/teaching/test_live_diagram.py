"""The live diagram: drawn for those who look, when something has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.teaching import live_diagram
from rtc_widget.teaching.live_diagram import LiveDiagram
from rtc_widget.trace.event_log import EventLog
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Drawn:
    """A diagram, and what it has sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[dict[str, Any], str]] = []
        self.diagram = LiveDiagram(
            EventLog("demo"),
            lambda: {"kind": "panel", "paused": False},
            lambda content, to: self.sent.append((content, to)),
        )

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
    draw = live_diagram._draw
    monkeypatch.setattr(live_diagram, "_draw", lambda _log: 1 // 0)
    drawn.diagram.open("tab")
    await wait_for(lambda: "could not be drawn" in caplog.text, 10)

    monkeypatch.setattr(live_diagram, "_draw", draw)
    drawn.diagram.changed()

    assert await drawn.sends(1) == ["tab"]


async def test_it_can_be_opened_again_after_its_end(drawn: Drawn) -> None:
    drawn.diagram.open("tab")
    await drawn.sends(1)
    await drawn.diagram.close()

    drawn.diagram.open("tab")

    assert await drawn.sends(2) == ["tab", "tab"]
