"""While a teacher holds the signaling, a browser's timers stand still, and the widget says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.support.pages import ask, enter, holds, plays
from tests.support.relays import Client
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.relays import RunningRelay
    from tests.support.widget_page import Host

NOTICE = "document.querySelector('.rtcw-notice strong')?.textContent"


async def test_however_long_the_pause_nothing_more_is_held_and_nothing_has_failed(
    host: Host, new_window: NewWindow, relay: RunningRelay, room: str
) -> None:
    teacher = Client(room)
    await teacher.connect(relay.url, relay.token(room, role="teacher"))
    await teacher.say("watch_room")
    ada = await enter(host, await new_window(), relay, room, "Ada")
    await teacher.say("control_room", action="pause")
    await holds(ada, f"{NOTICE} === 'Signaling is paused'")
    bob = await enter(host, await new_window(), relay, room, "Bob")

    async def held() -> list[tuple[str, str]]:
        said: dict[str, Any] = await teacher.call("watch_room", {"roomId": room})
        return [(each["kind"], each["from"]) for each in said["control"]["held"]]

    async def is_whole() -> bool:
        # Ada, who was there, offers; a pattern that sends no sound has candidates of one kind.
        kinds = [kind for kind, _sender in await held()]
        return kinds[:1] == ["offer"] and "ice_candidate" in kinds

    await wait_for(is_whole, 20, "her offer and candidates")
    # That nothing happens cannot be waited for: candidates come within a second, and the longest timer takes ten.
    await asyncio.sleep(1)
    before = await held()
    await asyncio.sleep(11)

    assert await held() == before
    assert [kind for kind, _sender in before].count("offer") == 1
    await teacher.say("control_room", action="resume")
    for page, other in ((ada, "Bob"), (bob, "Ada")):
        await holds(page, f"{NOTICE} !== 'Signaling is paused'")
        await plays(page, other)
    assert await ask(ada, "probe.connections.filter((pc) => pc.connectionState === 'failed').length") == 0
    await teacher.disconnect()
