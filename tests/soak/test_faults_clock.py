"""The clock of relay, kernels and media processes is set: what is timed goes by another one, and tokens are made anew."""

from __future__ import annotations

import shutil

import pytest

from tests.support.faults.clock import Clock
from tests.support.faults.scripts import relay_of, running
from tests.support.faults.stage import Ends

HOUR = 3600

TWO = """
import rtc_widget
from rtc_widget import Peer
ada = Peer("demo", name="Ada", source="pattern", resolution=(320, 180), fps=15)
bob = Peer("demo", name="Bob", source="pattern", resolution=(320, 180), fps=15)
bob.wait_for("connected", 60)
recording = bob.record({path!r})
began, before = time.monotonic(), time.time()
while recording.size < 30_000 or recording.seconds < 5:
    time.sleep(0.05)
say("recording")

def whole(*names):
    seen = {{name: bob.frame(name, timeout=60).number for name in names}}
    while not all(
        peer.state == "joined" and all(p.connection_state == "connected" and not p.away for p in peer.participants)
        for peer in (ada, bob)
    ) or any(bob.frame(name).number < number + 5 for name, number in seen.items()):
        time.sleep(0.02)

while abs(time.time() - before - {seconds}) > 1800:
    time.sleep(0.1)
say("set")
whole("Ada")
say("whole")
pause()
while bob.state == "joined":
    time.sleep(0.005)
while bob.state != "joined":
    time.sleep(0.02)
whole("Ada")
say("whole")
pause()
bob.wait_for(lambda peer: "Dan" in peer.participants, 60)
whole("Ada", "Dan")
say("whole")
while recording.seconds < 15:
    time.sleep(0.05)
took = time.monotonic() - began
recording.stop()
media = [round(medium.seconds, 1) for medium in recording.media]
say(recording.ended.reason, round(took, 1), round(recording.seconds, 1), media)
"""
NEWCOMER = """
from rtc_widget import Peer
dan = Peer("demo", name="Dan", source="pattern", resolution=(320, 180), fps=15)
dan.wait_for("connected", 60)
say("in")
pause()
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="a clock that can be set is built with a C compiler")
@pytest.mark.parametrize(("seconds", "way"), [(HOUR, "forward"), (-HOUR, "back")])
async def test_clock_set(tmp_path, ends: Ends, seconds: int, way: str) -> None:
    clock = Clock(tmp_path)
    environment = {**clock.environment(), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    program = TWO.format(path=str(tmp_path / "lesson"), seconds=seconds)
    async with running(program, tmp_path, **environment) as script:

        async def says(word: str) -> None:
            assert await script.says(90) == [word]

        await says("recording")
        clock.set_by(seconds)
        await says("set")
        fault = f"clock set {way} by an hour"
        await ends(fault, "the call goes on", says("whole"), 10)
        script.go_on()
        relay_of(tmp_path).kill()
        await ends(f"{fault}, and the relay killed", "everybody is back", says("whole"), 20)
        script.go_on()
        async with running(NEWCOMER, tmp_path, **environment) as newcomer:

            async def comes() -> None:
                assert await newcomer.says() == ["in"]
                await says("whole")

            await ends(f"{fault}, and somebody comes", "everybody sees everybody", comes(), 30)
            reason, took, length, media = await script.says(90)
    ends.note(f"{fault}, during a recording", f"it is {length} s long, {took} s were recorded")
    assert reason == "stopped"
    # What comes after a new relay follows what came before, and may be off by seconds: docs/faults.md says so.
    assert all(0 < each < took + 10 for each in (length, *media))
