"""The disk is full, or may not be written; and another user of the machine."""

from __future__ import annotations

import os
import shutil
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.faults.scripts import STRANGERS, as_user, needs_root, running, with_disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.faults.stage import Ends

pytestmark = needs_root


@pytest.fixture
def homes() -> Iterator[Callable[..., Path]]:
    """Make folders that belong to other users: pytest's own are for this one alone."""
    made: list[Path] = []

    def make(uid: int = 0) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="rtc_widget-home-"))
        made.append(folder)
        os.chown(folder, uid, uid)
        return folder

    yield make
    for folder in made:
        shutil.rmtree(folder)


RECORDING = """
from rtc_widget import Peer, Recording
with Peer("demo", name="Ada", source="pattern", resolution=(1280, 720)) as ada, Peer("demo", name="Bob") as bob:
    bob.wait_for("connected", 30)
    recording = bob.record({path!r})
    say("recording")
    while recording.state == "recording":
        time.sleep(0.02)
    say("over")
    while recording.state != "done":
        time.sleep(0.02)
    with Recording.open({path!r}) as kept:
        say(kept.ended.reason, sum(medium.seconds for medium in kept.media))
    number = bob.frame("Ada").number
    while bob.frame("Ada").number < number + 10:
        time.sleep(0.02)
    say(bob.state, ada.state)
"""


async def test_disk_full_during_a_recording(homes: Callable[..., Path], ends: Ends) -> None:
    home = homes()
    disk = home / "disk"
    disk.mkdir()
    program = RECORDING.format(path=str(disk / "lesson"))

    async with running(program, home, with_disk(disk, "512k")) as script:
        assert await script.says() == ["recording"]
        assert await script.says() == ["over"]

        async def kept() -> None:
            reason, seconds = await script.says()
            assert reason == "disk"
            assert seconds > 3

        fault = "disk full during a recording"
        await ends(fault, "it has ended with `disk`, and opens with what there is", kept(), 30)

        async def goes_on() -> None:
            assert await script.says() == ["joined", "joined"]

        await ends(fault, "the call goes on", goes_on(), 10)


PEER = """
from rtc_widget import Peer
with Peer("demo", name="Ada") as ada:
    while ada.state == "connecting":
        time.sleep(0.02)
    say(ada.state, ada.error)
"""


async def is_refused(program: str, home: Path, begin: list[str], runtime: Path) -> None:
    async with running(program, home, begin, JUPYTER_RUNTIME_DIR=str(runtime)) as script:
        state, error = await script.says()
        assert (state, error["code"]) == ("failed", "relay_failed")
        assert "runtime directory" in error["message"], error
        assert "JUPYTER_RUNTIME_DIR" in error["message"], error


REFUSED = "`failed`, with `relay_failed`, which names the runtime directory"


async def test_runtime_directory_unwritable(homes: Callable[..., Path], ends: Ends) -> None:
    home, runtime = homes(STRANGERS[0]), homes()
    runtime.chmod(0o755)
    begin = as_user(STRANGERS[0])

    refused = is_refused(PEER, home, begin, runtime)
    await ends("runtime directory unwritable", REFUSED, refused, 15)


async def test_runtime_directory_on_a_full_disk(homes: Callable[..., Path], ends: Ends) -> None:
    home, runtime = homes(), homes()
    fill = """
    other = os.open(os.environ["JUPYTER_RUNTIME_DIR"] + "/other", os.O_CREAT | os.O_WRONLY)
    try:
        while os.write(other, bytes(4096)):
            pass
    except OSError:
        os.close(other)
    """
    refused = is_refused(textwrap.dedent(fill) + PEER, home, with_disk(runtime, "64k"), runtime)
    await ends("disk full where the runtime directory is", REFUSED, refused, 30)


FRAMES = """
from rtc_widget import Peer
with Peer("demo", name="Ada", source="pattern") as ada, Peer("demo", name="Bob") as bob:
    bob.wait_for("connected", 30)
    say(bob.frame("Ada").shape)
"""


async def test_shared_memory_full(homes: Callable[..., Path], ends: Ends) -> None:
    async with running(FRAMES, homes(), with_disk(Path("/dev/shm"), "64k")) as script:

        async def comes() -> None:
            assert await script.says() == [[360, 640, 3]]

        await ends("shared memory full", "frames come by the temporary folder", comes(), 30)


MINE = """
from rtc_widget import Peer, Relay
from rtc_widget.relay.discovery import runtime_file
ada = Peer("demo", name={name!r})
ada.wait_for("joined", 30)
say(str(runtime_file()), Relay.local().url)
pause()
say([person.name for person in ada.participants])
"""
SPY = """
from rtc_widget import Peer, Relay
from rtc_widget.errors import RtcWidgetError
from rtc_widget.relay.tokens import entry_token
try:
    Path({file!r}).read_text()
except OSError as error:
    say(type(error).__name__)
with Peer("demo", name="Spy", relay={url!r}, token=entry_token("a secret that was guessed", "demo")) as spy:
    while spy.state == "connecting":
        time.sleep(0.02)
    say(spy.state, spy.error["code"])
"""


async def test_a_second_user(homes: Callable[..., Path], ends: Ends) -> None:
    one, two = STRANGERS
    ada_home, bob_home = homes(one), homes(two)
    fault = "a second Jupyter user on the machine"
    async with running(MINE.format(name="Ada"), ada_home, as_user(one)) as ada:
        file, url = await ada.says()
        async with running(MINE.format(name="Bob"), bob_home, as_user(two)) as bob:

            async def has_its_own() -> None:
                its_file, its_url = await bob.says()
                assert its_file != file
                assert its_url != url

            await ends(fault, "has a relay of its own", has_its_own(), 30)
            async with running(SPY.format(file=file, url=url), bob_home, as_user(two)) as spy:

                async def is_kept_out() -> None:
                    assert await spy.says() == ["PermissionError"]
                    assert await spy.says() == ["failed", "bad_token"]

                await ends(
                    fault, "reads no file of the other, and the other relay refuses it", is_kept_out(), 30
                )
            ada.go_on()
            assert await ada.says() == [[]]
