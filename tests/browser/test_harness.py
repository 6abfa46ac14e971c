"""The tools of the other tests work: without this, a red test says nothing about the widget."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

import psutil
import pytest

from tests.support.notebook import CellError
from tests.support.processes import Baseline
from tests.support.waiting import wait_for

OPEN_CAMERA = """async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
    return stream.getTracks().map((track) => `${track.kind} ${track.readyState}`).sort();
}"""

PEER = """async (polite) => {
    window.pc = new RTCPeerConnection({ iceServers: [] });
    window.candidates = [];
    pc.onicecandidate = ({ candidate }) => candidate && candidates.push(candidate.toJSON());
    window.frames = 0;
    pc.ontrack = ({ track }) => {
        const video = document.createElement("video");
        Object.assign(video, { muted: true, autoplay: true, srcObject: new MediaStream([track]) });
        document.body.append(video);
        const count = () => { window.frames += 1; video.requestVideoFrameCallback(count); };
        video.requestVideoFrameCallback(count);
    };
    const stream = await navigator.mediaDevices.getUserMedia({ video: true });
    for (const track of stream.getTracks()) pc.addTrack(track, stream);
}"""


async def connect(first, second):
    """Negotiate by hand between two pages, as the simplest tutorial does."""
    await asyncio.gather(first.evaluate(PEER), second.evaluate(PEER))
    offer = await first.evaluate(
        "async () => { await pc.setLocalDescription(); return pc.localDescription; }"
    )
    answer = await second.evaluate(
        """async (offer) => {
            await pc.setRemoteDescription(offer);
            await pc.setLocalDescription();
            return pc.localDescription;
        }""",
        offer,
    )
    await first.evaluate("(answer) => pc.setRemoteDescription(answer)", answer)

    async def connected():
        for source, target in ((first, second), (second, first)):
            for candidate in await source.evaluate("() => candidates.splice(0)"):
                await target.evaluate("(candidate) => pc.addIceCandidate(candidate)", candidate)
        return [await page.evaluate("() => pc.connectionState") for page in (first, second)] == [
            "connected",
            "connected",
        ]

    await wait_for(connected, 30, "both connections")
    for page in (first, second):
        await wait_for(lambda page=page: page.evaluate("() => frames > 2"), 30, "remote frames")


async def test_two_chromium_windows_see_each_other(host, new_window):
    first, second = [await host.blank(await new_window()) for _ in range(2)]

    await connect(first, second)


async def test_chromium_and_firefox_see_each_other(host, new_window, firefox):
    await connect(await host.blank(await new_window()), await host.blank(firefox))


async def test_firefox_opens_a_fake_camera(host, firefox):
    tab = await host.blank(firefox)

    assert await tab.evaluate(OPEN_CAMERA) == ["audio live", "video live"]


async def test_firefox_returns_json_and_console_and_errors(host, firefox):
    tab = await host.blank(firefox)

    assert await tab.evaluate("({ a }) => ({ b: a + 1 })", {"a": 1}) == {"b": 2}
    assert await tab.evaluate("document.hasFocus()") is True
    await tab.evaluate("() => console.warn('careful')")
    await wait_for(lambda: "warn: careful" in tab.console, what="the console's line")
    with pytest.raises(Exception, match="deliberate"):
        await tab.evaluate("() => { throw new Error('deliberate'); }")


async def test_firefox_takes_a_screenshot(host, firefox, tmp_path):
    tab = await host.blank(firefox)

    await tab.screenshot(tmp_path / "shot.png")

    assert (tmp_path / "shot.png").read_bytes().startswith(b"\x89PNG")


async def test_a_window_keeps_its_console(host, new_window):
    window = await new_window()
    page = await host.blank(window)

    await page.evaluate("() => { console.log('hello'); setTimeout(() => { throw new Error('lost'); }); }")

    await wait_for(lambda: len(window.console) == 2, what="two lines")
    assert window.console[0] == "log: hello"
    assert "lost" in window.console[1]


async def test_windows_share_no_storage(host, new_window):
    first, second = [await host.blank(await new_window()) for _ in range(2)]

    await first.evaluate("() => localStorage.setItem('here', '1')")

    assert await second.evaluate("() => localStorage.getItem('here')") is None


async def test_a_window_of_its_own_can_be_killed(host, own_window):
    window = await own_window()
    page = await host.blank(window)
    closed = asyncio.Event()
    page.on("close", lambda _: closed.set())

    await window.kill()

    await asyncio.wait_for(closed.wait(), 30)


async def test_a_shared_window_refuses_to_be_killed(new_window):
    window = await new_window()

    with pytest.raises(RuntimeError, match="own_window"):
        await window.kill()


@pytest.mark.parametrize(
    ("permissions", "devices", "outcome"),
    [
        ((), True, "NotAllowedError"),
        (("camera", "microphone"), False, "NotFoundError"),
        (("camera", "microphone"), True, "opened"),
    ],
    ids=["refused", "no-device", "granted"],
)
async def test_a_camera_can_be_refused_and_absent(host, own_window, permissions, devices, outcome):
    page = await host.blank(await own_window(prompt=False, permissions=permissions, devices=devices))

    assert (
        await page.evaluate(
            """() => navigator.mediaDevices.getUserMedia({ video: true })
                .then(() => "opened", (error) => error.name)"""
        )
        == outcome
    )


async def test_the_lab_runs_cells_and_code(lab, new_window):
    notebook = await lab.open(await new_window(), lab.notebook(["x = 20", "print(x)\nx + 2", "1 / 0"]))

    await notebook.run_all()

    assert await notebook.cell_text_output(1) == "20\n22"
    assert "ZeroDivisionError" in await notebook.cell_text_output(2)
    cells = await notebook.cells()
    assert [cell["error"] for cell in cells] == [None, None, "ZeroDivisionError: division by zero"]
    assert [cell["ran"] for cell in cells] == [True, True, True]
    assert await notebook.execute("x + 1") == "21"
    with pytest.raises(CellError, match="NameError"):
        await notebook.execute("nothing_of_this_name")
    await notebook.run_cell(0)
    await notebook.clear_output(1)
    assert await notebook.cell_text_output(1) == ""
    # Not the real user's, where their relay is.
    told = await notebook.execute("from jupyter_core.paths import jupyter_runtime_dir as d; print(d())")
    assert told.strip() == str(lab.runtime_dir)


@pytest.mark.parametrize(
    "starts",
    [
        "from tests.support.lab import Lab as Thing; start = Thing.start",
        "from tests.support.firefox import Firefox as Thing; start = Thing.launch",
    ],
    ids=["lab", "firefox"],
)
async def test_servers_and_browsers_end_with_a_test_run_that_is_killed(starts, tmp_path):
    program = (
        f"import asyncio, os; {starts}\n"
        "async def main():\n"
        "    thing = await start()\n"
        "    print(thing._process.pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    started = int(done.stdout)

    await wait_for(lambda: not psutil.pid_exists(started), 30, "its end")


async def test_the_host_serves_front_end_sources(host, new_window):
    page = await host.blank(await new_window())

    assert (
        await page.evaluate("async () => (await import('/src/protocol/signaling.js')).PROTOCOL_VERSION") == 1
    )


async def test_waiting_in_vain_says_for_what_and_what_was_seen():
    with pytest.raises(TimeoutError, match=r"0\.1 s for the moon; last seen: \[\]"):
        await wait_for(list, 0.1, "the moon")


async def test_leaks_of_threads_and_processes_are_seen(no_leaks):
    baseline = Baseline()
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="forgotten")
    thread.start()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    leaked = " ".join(baseline.leaked())

    assert "thread forgotten" in leaked
    assert f"process {child.pid}" in leaked
    stop.set()
    thread.join()
    child.communicate(b"\n")
    assert not psutil.pid_exists(child.pid)
    assert baseline.leaked() == []
