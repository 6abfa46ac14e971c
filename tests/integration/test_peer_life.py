"""How a peer's life ends: left, interrupted, killed, its kernel killed; and what it leaves behind, which is nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import av
import psutil
import pytest

from rtc_widget import Peer, Relay
from rtc_widget.errors import RtcWidgetError
from rtc_widget.runtime import cell_registry
from tests.support.films import write_clip
from tests.support.peers import SECRET, Peers, start_relay
from tests.support.processes import end_processes
from tests.support.waiting import GONE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    service, relay = start_relay(tmp_path_factory.mktemp("relay"))
    yield relay
    end_processes([psutil.Process(service.pid)])
    service.communicate()


@pytest.fixture
def peers(relay: Relay, no_leaks: None) -> Iterator[Peers]:
    made = Peers(relay)
    yield made
    made.close()


class Script:
    """A kernel of its own: a Python process with a peer in it."""

    def __init__(self, peers: Peers, more: str = "", *command: str) -> None:
        program = f"""
            import signal, sys, time
            from rtc_widget import Peer, Relay
            signal.signal(signal.SIGINT, signal.default_int_handler)
            peer = Peer({peers.room!r}, name="Script", relay=Relay({peers.relay.url!r}, secret={SECRET!r}))
            peer.wait_for("joined", 20)
            print(peer._process.pid, flush=True)
            {more or "time.sleep(60)"}  # until the test ends it
        """
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.media = psutil.Process(int(self.process.stdout.readline()))

    def end(self) -> tuple[str, str]:
        self.process.kill()
        return self.process.communicate()


@pytest.fixture
def scripts() -> Iterator[list[Script]]:
    made: list[Script] = []
    yield made
    for script in made:
        media = script.media
        script.end()
        end_processes([media])


def script_in(peers: Peers, scripts: list[Script], watcher: Peer, more: str = "") -> Script:
    script = Script(peers, more)
    scripts.append(script)
    watcher.wait_for(lambda peer: "Script" in peer.participants)
    watcher.wait_for("connected")
    return script


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_peer_whose_kernel_is_killed_is_gone_and_its_process_too(
    peers: Peers, scripts: list[Script]
) -> None:
    bob = peers("Bob")
    script = script_in(peers, scripts, bob)

    script.process.kill()

    bob.wait_for(lambda peer: peer.participants == (), GONE_SECONDS)
    wait_until(lambda: gone(script.media), 30, "the media process' end")


def test_a_peer_whose_process_is_killed_is_gone_and_the_kernel_is_told(
    peers: Peers, scripts: list[Script]
) -> None:
    bob = peers("Bob")
    # The kernel lives on until the test ends it: that its peer has gone is not its own end's doing.
    more = 'peer.wait_for("failed", 20); print(peer.error["code"], flush=True); time.sleep(60)'
    script = script_in(peers, scripts, bob, more)

    script.media.kill()

    bob.wait_for(lambda peer: peer.participants == (), GONE_SECONDS)
    assert script.process.stdout is not None
    assert script.process.stdout.readline() == "peer_failed\n"


def test_a_process_that_was_forked_off_does_not_keep_the_peer_of_a_kernel_that_has_gone(
    peers: Peers, scripts: list[Script]
) -> None:
    bob = peers("Bob")
    # The child, which would hold the kernel's pipe, outlives the time in which the peer has to go; the kernel lives
    # until it is killed.
    more = f"import os; os.fork() or (time.sleep({GONE_SECONDS + 2}), os._exit(0)); time.sleep(60)"
    script = script_in(peers, scripts, bob, more)

    script.process.kill()

    bob.wait_for(lambda peer: peer.participants == (), GONE_SECONDS)


def test_an_interrupt_reaches_the_kernel_and_not_its_peers(peers: Peers, scripts: list[Script]) -> None:
    bob = peers("Bob")
    # Two calls that an interrupt ends, or the test does.
    more = textwrap.indent(
        textwrap.dedent(
            """
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                print("interrupted", flush=True)
            time.sleep(60)"""
        ),
        " " * 12,
    ).strip()
    script = script_in(peers, scripts, bob, more)

    # As Jupyter does it: the whole process group.
    os.killpg(script.process.pid, signal.SIGINT)

    assert script.process.stdout is not None
    assert script.process.stdout.readline() == "interrupted\n"
    bob.send("still there?", to="Script")
    assert bob.participants["Script"].connection_state == "connected"


def test_a_script_that_ends_without_closing_its_peer_says_goodbye(
    peers: Peers, scripts: list[Script]
) -> None:
    bob = peers("Bob")
    script = script_in(peers, scripts, bob, "sys.stdin.readline(); sys.exit(0)")

    assert script.process.stdin is not None
    script.process.stdin.write("\n")
    script.process.stdin.flush()
    bob.wait_for(lambda peer: peer.participants == (), GONE_SECONDS)
    assert script.process.wait(10) == 0
    assert script.process.stderr is not None
    assert script.process.stderr.read() == ""
    wait_until(lambda: gone(script.media), 30, "the media process' end")


def test_closing_the_last_peer_ends_threads_and_process(peers: Peers) -> None:
    ada, bob = peers.pair(source="pattern", audio="tone", transform=lambda rgb: 255 - rgb)
    bob.on_frame(lambda frame: None)
    bob.on_sound(lambda audio: None)
    bob.frame("Ada")
    media = psutil.Process(ada._process.pid)

    ada.close()
    bob.close()

    assert gone(media)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("rtc_widget")] == []


def test_after_the_process_was_killed_a_new_peer_starts_another(peers: Peers) -> None:
    lost = peers("Ada")
    lost.wait_for("joined", 20)
    psutil.Process(lost._process.pid).kill()
    wait_until(lambda: lost.state == "failed", 30, "the loss")

    with pytest.raises(RtcWidgetError, match="peer_failed"):
        lost.use("pattern")
    fresh = peers("Bob")
    fresh.wait_for("joined", 20)
    lost.close()

    assert fresh.state == "joined"


def test_paths_to_modules_need_not_be_text(
    peers: Peers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, tmp_path])

    peers("Ada").wait_for("joined", 20)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Have an interrupt raise, also where the tests run in the background and a shell has turned it off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_message_that_was_interrupted_while_it_was_written_does_not_garble_the_next(peers: Peers) -> None:
    ada, bob = peers.pair()
    heard: list[object] = []
    bob.on_message(lambda data, _sender: heard.append(data))
    media = psutil.Process(ada._process.pid)
    media.suspend()
    sending = threading.Thread(target=lambda: ada.send(bytes(250_000)), daemon=True)
    timer = threading.Timer(0.5, lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        ada.send(bytes(250_000))
    media.resume()
    sending.start()
    sending.join(10)

    ada.send("after")
    wait_until(lambda: heard[-1:] == ["after"], 30, "the message after the interrupted one")


def test_the_media_process_is_told_no_secret_on_its_command_line(peers: Peers) -> None:
    ada = peers("Ada", token=peers.relay.token(peers.room))

    media = psutil.Process(ada._process.pid)
    assert SECRET not in " ".join(media.cmdline())
    assert ada.name == "Ada"


def test_a_cell_that_is_run_again_replaces_its_peers(peers: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
    running = ("cell", "first run")
    monkeypatch.setattr(cell_registry, "executing_cell", lambda: running)
    bob = peers("Bob")
    one, two = peers("One"), peers("Two")
    bob.wait_for(lambda peer: len(peer.participants) == 2)

    running = ("cell", "second run")
    again = peers("One")

    wait_until(lambda: {one.state, two.state, bob.state} == {"left"}, 30, "the earlier peers' end")
    running = ("another cell", "third run")
    peers("Two")
    again.wait_for(lambda peer: "Two" in peer.participants)


def test_a_relay_that_is_gone_for_a_moment_costs_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_leaks: None
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    with Peer("demo", name="Ada", source="pattern") as ada, Peer("demo", name="Bob") as bob:
        bob.wait_for("connected", 20)
        listening = [
            each.pid
            for each in psutil.net_connections("tcp")
            if each.status == psutil.CONN_LISTEN and Relay.local().url.endswith(f":{each.laddr.port}")
        ]
        psutil.Process(listening[0]).kill()
        bob.wait_for("reconnecting")
        before = bob.frame("Ada").number
        bob.wait_for("joined", 20)

        wait_until(lambda: bob.frame("Ada").number > before + 20, 30, "pictures")
        bob.wait_for(lambda peer: "Ada" in peer.participants)
        assert bob.participants["Ada"].connection_state == "connected"
        relay = psutil.Process(
            next(
                each.pid
                for each in psutil.net_connections("tcp")
                if each.status == psutil.CONN_LISTEN and Relay.local().url.endswith(f":{each.laddr.port}")
            )
        )
        ada.leave()
    end_processes([relay])


# -- as a program


def run_program(peers: Peers, *arguments: str) -> subprocess.Popen[str]:
    token = peers.relay.token(peers.room)
    return subprocess.Popen(
        [sys.executable, "-m", "rtc_widget.peer", peers.room, "--relay", peers.relay.url, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "RTC_WIDGET_TOKEN": token},
    )


def test_the_program_sends_a_file_and_another_records_it(peers: Peers, tmp_path: Path) -> None:
    film = tmp_path / "out.mp4"
    recording = run_program(peers, "--name", "Recorder", "--record", str(film))
    bob = peers("Bob")
    bob.wait_for(lambda peer: "Recorder" in peer.participants)
    bob.close()
    clip = write_clip(tmp_path / "clip.mp4", 4)
    sending = run_program(peers, "--name", "Sender", "--source", str(clip), "--seconds", "4")

    assert sending.communicate(timeout=30)[1] == ""
    recording.send_signal(signal.SIGINT)
    said, complaints = recording.communicate(timeout=20)

    assert (recording.returncode, sending.returncode, complaints) == (0, 0, "")
    assert "Recorded" in said
    with av.open(str(film)) as container:
        pictures = list(container.decode(video=0))
        assert len(pictures) > 5  # of 4 s, as many as a busy machine gets through
        assert abs(pictures[-1].to_ndarray(format="rgb24").mean() - 200) < 8
    with av.open(str(film)) as container:
        assert sum(block.samples for block in container.decode(audio=0)) > 4_410


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--source", "/does/not/exist.mp4"], "cannot be opened"),
        (["--record", "/does/not/exist/out.mp4"], "there is no folder"),
        (["--record", "/tmp/out.of_no_known_kind"], "cannot be written"),
        (["--seconds", "-3"], "above 0"),
    ],
)
def test_the_program_says_what_is_wrong(peers: Peers, arguments: list[str], said: str) -> None:
    program = run_program(peers, *arguments)

    assert said in program.communicate(timeout=20)[1]
    assert program.returncode != 0


# -- without the extra


def test_without_the_extra_the_widget_works_and_a_peer_says_what_to_type() -> None:
    program = """
        import sys

        class Absent:
            def find_spec(self, name, path=None, target=None):
                if name.partition(".")[0] in ("aiortc", "av"):
                    return None
                for finder in finders:
                    if (spec := finder.find_spec(name, path, target)) is not None:
                        return spec

            def find_distributions(self, context):
                for finder in finders:
                    yield from getattr(finder, "find_distributions", lambda _: ())(context)

        finders = list(sys.meta_path)
        sys.meta_path[:] = [Absent()]
        from rtc_widget import *
        RoomWidget("demo").close()
        try:
            Peer("demo")
        except Exception as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert 'pip install "rtc-widget[peer]"' in done.stdout
    assert "aiortc and av" in done.stdout
