"""What is closed and dropped is freed, and nothing is loaded or connected that is not needed."""

from __future__ import annotations

import gc
import json
import secrets
import subprocess
import sys
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget import Peer, Relay, RoomWidget
from tests.support.processes import end_processes, marked_processes
from tests.support.relays import SECRET
from tests.support.waiting import wait_for, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.relays import RunningRelay

MARK = "RTC_WIDGET_TEST_FREED"


@pytest.fixture(scope="module")
def own_relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A relay for this module, found through a runtime directory of its own."""
    mark = secrets.token_hex(8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        patch.setenv(MARK, mark)
        Relay.local()
        yield
    end_processes(marked_processes(MARK, mark))


def are_freed(seen: list[weakref.ref[Any]]) -> bool:
    gc.collect()
    return all(each() is None for each in seen)


def test_widgets_that_were_closed_are_freed(no_leaks: None, own_relay: None) -> None:
    def use() -> list[weakref.ref[Any]]:
        widgets = [RoomWidget("freed", video="pattern", audio=False) for _ in range(20)]
        for widget in widgets:
            widget.wait_for(lambda room: room._session.observer.connected, 30)
            widget.on_message(lambda _data, _sender: None)
            widget.close()
        return [weakref.ref(widget) for widget in widgets] + [
            weakref.ref(widget._session) for widget in widgets
        ]

    seen = use()

    wait_until(lambda: are_freed(seen), 20, "closed widgets to be freed")


def test_peers_that_were_closed_are_freed(no_leaks: None, own_relay: None) -> None:
    def use() -> list[weakref.ref[Any]]:
        peers = [Peer("freed", name=f"Peer {number}", source="pattern") for number in range(5)]
        for peer in peers:
            peer.wait_for(lambda each: len(each.participants) == 4, 30)
        peers[0].frame("Peer 1", timeout=30)
        for peer in peers:
            peer.close()
        return [weakref.ref(peer) for peer in peers]

    seen = use()

    wait_until(lambda: are_freed(seen), 20, "closed peers to be freed")


async def test_a_widget_that_records_has_one_connection_to_its_room(
    no_leaks: None, relay: RunningRelay, tmp_path: Path
) -> None:
    import asyncio

    room = RoomWidget("demo", video="pattern", audio=False, relay=Relay(relay.url, secret=SECRET))
    await wait_for(lambda: len(relay.server._clients) == 1, 20, "the widget's observer")

    recording = await asyncio.to_thread(room.record, tmp_path / "lesson")
    assert len(relay.server._clients) == 1
    (client,) = relay.server._clients.values()
    assert client.watching == "demo"
    await asyncio.to_thread(recording.stop)
    assert len(relay.server._clients) == 1

    await asyncio.to_thread(room.close)
    await wait_for(lambda: not relay.server._clients, 20, "nobody connected any more")


def test_the_media_process_loads_nothing_of_the_kernels() -> None:
    program = "import json, sys, rtc_widget.peer.process.kernel_pipe; print(json.dumps(sorted(sys.modules)))"

    loaded = json.loads(
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    )

    assert "rtc_widget.peer.process.hosted_peer" in loaded
    kernels = (
        "traitlets",
        "anywidget",
        "ipywidgets",
        "IPython",
        "rtc_widget.peer.peer",
        "rtc_widget.peer.kernel",
    )
    assert [name for name in loaded if name.startswith(kernels)] == []
