"""A call of real browsers and the kernel's own peer, recorded and looked at."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from rtc_widget.peer import Peer
from rtc_widget.relay.address import Relay
from tests.support.live_recordings import of_folder
from tests.support.notebook_calls import cell, open_notebook, page_holds
from tests.support.notebook_calls import holds as kernel_holds
from tests.support.pages import beat, enter, holds, invitation, phase, press
from tests.support.relays import SECRET, RunningRelay
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.browser_fixtures import NewWindow, OwnWindow
    from tests.support.firefox import Firefox
    from tests.support.lab import Lab
    from tests.support.widget_page import Host, HostPage

CAMERA = {"video": "camera", "audio": "microphone"}


@pytest_asyncio.fixture(loop_scope="session")
async def grace(relay: RunningRelay, room: str) -> AsyncIterator[Peer]:
    """A peer of the kernel's, who records."""
    peer = await asyncio.to_thread(Peer, room, name="Grace", relay=Relay(relay.url, secret=SECRET))
    await peer.wait_for_async("joined", 20)
    yield peer
    await asyncio.to_thread(peer.close)


async def record(peer: Peer, path: Path) -> Any:
    return await asyncio.to_thread(peer.record, path)


async def grows(recording: Any, by: int = 100_000) -> None:
    before = recording.size
    await wait_for(lambda: recording.size > before + by, 30, f"{by} bytes more")


async def has_segments(path: Path, count: int, *, track: str, video: bool) -> None:
    """Wait until so many segments of a kind are being recorded."""

    def begun() -> int:
        lines = (of_folder(path) / "segments.jsonl").read_text().splitlines()
        return sum((said["track"], said["video"]) == (track, video) for said in map(json.loads, lines))

    await wait_for(lambda: begun() >= count, 60, f"{count} segments of the {track}, {video=}")


async def finish(recording: Any) -> Any:
    return await asyncio.to_thread(recording.stop)


async def told(page: HostPage, text: str) -> None:
    await holds(page, f"document.querySelector('.rtcw-notices').innerText.includes({text!r})")


def medium_of(recording: Any, name: str) -> Any:
    wanted = recording.person(name).id
    [found] = [medium for medium in recording.media if medium.participant == wanted]
    return found


async def test_everybody_in_chromium_and_firefox_is_told_and_recorded(
    host: Host,
    relay: RunningRelay,
    room: str,
    grace: Peer,
    new_window: NewWindow,
    firefox: Firefox,
    tmp_path: Path,
) -> None:
    ada = await enter(host, await new_window(), relay, room, "Ada", **CAMERA)
    bob = await host.open(firefox, room=room, name="Bob", **CAMERA)
    await beat(bob, relay, room, invitation=invitation(relay, room))
    await phase(bob, "joined")
    recording = await record(grace, tmp_path / "lesson")
    for page in (ada, bob):
        await told(page, "Grace records this call")
    await grows(recording, 300_000)
    await finish(recording)
    for page in (ada, bob):
        await holds(page, "!document.querySelector('.rtcw-notices').innerText.includes('records this call')")
    assert recording.problems == ()
    for name in ("Ada", "Bob"):
        medium = medium_of(recording, name)
        assert (medium.video, medium.audio) == ("vp9" if name == "Ada" else "vp8", "opus")
        # What it shows is no even surface.
        assert recording.frame(name, medium.begins + 1).std() > 5
    states = recording.trace.by("Ada").filter("state", where=lambda event: event.data["value"] == "connected")
    assert states, "how the connections stood when it began"
    recording.close()


async def test_whose_name_another_had_before_is_told_so_and_who_of_them_records(
    host: Host, relay: RunningRelay, room: str, grace: Peer, new_window: NewWindow, tmp_path: Path
) -> None:
    second = await enter(host, await new_window(), relay, room, "Grace")
    third = await enter(host, await new_window(), relay, room, "Grace")
    await told(second, "The others see you as Grace (2)")
    await told(third, "The others see you as Grace (3)")
    names = "[...document.querySelectorAll('.rtcw-name')].map((name) => name.textContent).sort().join()"
    await holds(second, f"{names} === 'Grace,Grace (2) (you),Grace (3)'")
    await holds(third, f"{names} === 'Grace,Grace (2),Grace (3) (you)'")
    assert list(grace.participants.labels) == ["Grace (2)", "Grace (3)"]
    await press(third, "Close")
    await holds(third, "!document.querySelector('.rtcw-notices').innerText.includes('see you as')")

    recording = await record(grace, tmp_path / "lesson")
    await told(third, "Grace records this call")
    await holds(third, "!document.querySelector('.rtcw-notices').innerText.includes('see you as')")
    await finish(recording)


async def test_who_presses_leave_me_out_is_left_out(
    host: Host, relay: RunningRelay, room: str, grace: Peer, new_window: NewWindow, tmp_path: Path
) -> None:
    ada = await enter(host, await new_window(), relay, room, "Ada")
    recording = await record(grace, tmp_path / "lesson")
    await grows(recording, 20_000)
    await press(ada, "Leave me out")
    await told(ada, "You are left out of Grace's recording")
    folder = tmp_path / "lesson.rtcw.zip.part"
    await wait_for(lambda: not list((folder / "media").iterdir()), 30, "what there was of Ada gone")
    eve = await enter(host, await new_window(), relay, room, "Eve")
    await told(eve, "Grace records this call")
    # More than what she reports of her negotiation.
    await grows(recording)
    await finish(recording)
    assert [person.name for person in recording.participants if person.declined] == ["Somebody"]
    assert [medium.participant for medium in recording.media] == [recording.person("Eve").id]
    recording.close()


async def test_a_killed_tab_is_recorded_until_then(
    host: Host, relay: RunningRelay, room: str, grace: Peer, own_window: OwnWindow, tmp_path: Path
) -> None:
    window = await own_window()
    await enter(host, window, relay, room, "Ada")
    recording = await record(grace, tmp_path / "lesson")
    await grows(recording, 100_000)
    await window.kill()
    await wait_for(lambda: not grace.participants, 30, "Ada gone")
    await finish(recording)
    assert medium_of(recording, "Ada").seconds > 0.5
    assert "Ada leaves" in " ".join(chapter.title for chapter in recording.chapters)
    assert recording.problems == ()
    recording.close()


async def test_what_is_recorded_while_the_relay_is_gone_comes_afterwards(
    host: Host, relay: RunningRelay, room: str, grace: Peer, new_window: NewWindow, tmp_path: Path
) -> None:
    ada = await enter(host, await new_window(), relay, room, "Ada")
    recording = await record(grace, tmp_path / "lesson")
    await grows(recording, 50_000)
    await relay.stop()
    gone = recording.seconds
    await wait_for(lambda: recording.seconds > gone + 1.5, 30, "a while without a relay")
    again = await RunningRelay.start(relay.port, allow_origin=lambda origin, _: origin in (None, host.url))
    try:
        await phase(ada, "joined")
        await grows(recording, 150_000)
        await finish(recording)
    finally:
        await asyncio.to_thread(grace.close)
        await again.stop()
    assert all("The relay was unreachable from" in problem for problem in recording.problems)
    assert len(medium_of(recording, "Ada").shown) == 1
    assert recording.frame("Ada", gone + 1).std() > 5
    recording.close()


async def test_muting_and_sharing_a_screen_midway_are_in_the_recording(
    host: Host, relay: RunningRelay, room: str, grace: Peer, new_window: NewWindow, tmp_path: Path
) -> None:
    ada = await enter(host, await new_window(), relay, room, "Ada", **CAMERA)
    path = tmp_path / "lesson"
    recording = await record(grace, path)
    await grows(recording, 50_000)
    await press(ada, "Camera")
    await has_segments(path, 1, track="camera", video=False)
    muted = recording.seconds
    await wait_for(lambda: recording.seconds > muted + 1, 30, "a second without a picture")
    await press(ada, "Camera")
    await has_segments(path, 2, track="camera", video=True)
    await grows(recording, 80_000)
    await press(ada, "Share screen")
    await wait_for(lambda: grace.participants["Ada"].screen, 30, "the shared screen")
    await has_segments(path, 1, track="screen", video=True)
    shared = recording.seconds
    await wait_for(lambda: recording.seconds > shared + 1.5, 30, "a while of the screen")
    await finish(recording)
    tracks = {medium.track: medium for medium in recording.media}
    assert set(tracks) == {"camera", "screen"}
    assert len(tracks["camera"].shown) >= 2
    assert len(tracks["camera"].heard) == 1, "sound goes on without the picture"
    assert recording.problems == ()
    recording.close()


async def test_the_widgets_own_button_records_with_time_and_size_and_plays_what_it_has_recorded(
    lab: Lab, new_window: NewWindow, tmp_path: Path
) -> None:
    notebook = await open_notebook(lab, await new_window(), cell("Ada", lab.room))
    await notebook.run_cell(0)
    await kernel_holds(notebook, "ada.state == 'joined'")
    await notebook.tab.get_by_role("button", name="Record", exact=True).click()
    await page_holds(
        notebook, "/0:0[1-9], 0\\.\\d MB/.test(document.querySelector('.rtcw-recording').innerText)"
    )
    await page_holds(
        notebook, "!document.querySelector('.rtcw-notices').innerText.includes('records this call')"
    )
    await kernel_holds(notebook, "ada.recordings and ada.recordings[0].size > 50_000")
    await notebook.tab.get_by_role("button", name="Record", exact=True).click()
    await page_holds(
        notebook, "document.querySelector('.rtcw-notices').innerText.includes('Recording.open(')"
    )
    await page_holds(notebook, "document.querySelector('.rtcw-recording').hidden")
    opened = await notebook.execute(
        "from rtc_widget import Recording\n"
        "with Recording.open(ada.recordings[0].path) as recording: print(recording.media[0].seconds > 1)"
    )
    assert opened == "True\n"
    await notebook.tab.get_by_role("button", name="Play here").click()
    replay = notebook.tab.locator(".rtcw .rtcw-replay[data-ready=true]")
    await replay.wait_for(timeout=30_000)
    await replay.get_by_role("button", name="Play", exact=True).click()
    await page_holds(notebook, "document.querySelector('.rtcw-replay video').currentTime > 0.5")
    await notebook.tab.get_by_role("button", name="Close the replay").click()
    await page_holds(
        notebook,
        "!document.querySelector('.rtcw-replay') && document.querySelector('.rtcw-notices').innerText.includes('Play here')",
    )
    assert await notebook.execute("print(ada.state)") == "joined\n"


async def test_a_page_that_is_loaded_again_goes_on_in_the_same_recording(
    lab: Lab, new_window: NewWindow
) -> None:
    notebook = await open_notebook(lab, await new_window(), cell("Ada", lab.room))
    await notebook.run_cell(0)
    await kernel_holds(notebook, "ada.state == 'joined'")
    await notebook.execute("recording = ada.record('reloaded')")
    await kernel_holds(notebook, "recording.size > 60_000")
    before = float(await notebook.execute("print(recording.seconds)"))
    await notebook.save()
    await notebook.reload()
    await kernel_holds(notebook, "ada.state == 'joined'")
    await kernel_holds(notebook, f"recording.seconds > {before} + 3")
    shown = await notebook.execute(
        "recording.stop(); print(recording.problems, len(recording.media), len(recording.media[0].shown), "
        f"recording.media[0].seconds > {before} + 2)"
    )
    assert shown == "() 1 2 True\n"
