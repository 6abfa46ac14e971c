"""How the user's own relay is found, told from other programs, and started."""

from __future__ import annotations

import http.client
import json
import os
import stat
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from filelock import FileLock

from rtc_widget.errors import RelayError
from rtc_widget.relay import discovery
from rtc_widget.relay.discovery import LocalRelay
from rtc_widget.relay.tokens import proof

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RELAY = LocalRelay(50_001, "secret")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Jupyter's runtime directory, which is not there yet."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return tmp_path / "runtime"


# -- the runtime file


def test_the_runtime_file_is_its_owners_alone_and_says_where_the_relay_is(folder: Path) -> None:
    assert discovery.read_runtime_file() is None

    discovery.write_runtime_file(RELAY)

    assert discovery.read_runtime_file() == RELAY
    assert stat.S_IMODE(discovery.runtime_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [discovery.runtime_file().name]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"[]", b"{}", b"\xff\xfe", b'{"port": "x", "secret": "s"}', b'{"port": 1}', b'{"port": null}'),
        *(b'{"port": Infinity, "secret": "s"}', b"[" * 5_000),
    ],
    ids=["empty", "list", "nothing", "binary", "word", "no secret", "null", "infinite", "deep"],
)
def test_a_runtime_file_that_says_nothing_is_none(folder: Path, content: bytes) -> None:
    folder.mkdir()
    discovery.runtime_file().write_bytes(content)

    assert discovery.read_runtime_file() is None


def test_a_runtime_file_that_was_written_anew_is_another(folder: Path) -> None:
    assert discovery.runtime_file_identity() is None
    discovery.write_runtime_file(RELAY)
    first = discovery.runtime_file_identity()
    assert discovery.runtime_file_identity() == first

    discovery.write_runtime_file(RELAY)

    assert discovery.runtime_file_identity() != first


def test_a_secret_is_not_shown() -> None:
    assert "secret" not in repr(RELAY)
    assert RELAY.url == "http://127.0.0.1:50001"


# -- whether it answers


class Listener:
    """Stands in for `http.client.HTTPConnection`, towards whatever listens at the port."""

    def __init__(self, answer: Callable[[str, int], bytes]) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.open = 0

    def __call__(self, host: str, port: int, timeout: float) -> Listener:
        assert (host, timeout) == ("127.0.0.1", 2.0)
        self.port = port
        self.open += 1
        return self

    def request(self, _method: str, path: str) -> None:
        self.asked.append(parse_qs(urlsplit(path).query)["challenge"][0])

    def getresponse(self) -> Any:
        body = self.answer(self.asked[-1], self.port)
        return SimpleNamespace(read=lambda size: body[:size])

    def close(self) -> None:
        self.open -= 1


@pytest.fixture
def listen(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str, int], bytes]], Listener]:
    def begin(answer: Callable[[str, int], bytes]) -> Listener:
        listener = Listener(answer)
        client = SimpleNamespace(HTTPConnection=listener, HTTPException=http.client.HTTPException)
        monkeypatch.setattr(discovery, "http", SimpleNamespace(client=client))
        return listener

    return begin


def test_a_relay_proves_that_it_knows_the_secret_with_another_challenge_each_time(listen: Any) -> None:
    listener = listen(
        lambda challenge, port: json.dumps({"proof": proof("secret", challenge, port)}).encode()
    )

    assert discovery.answers(RELAY)
    assert discovery.answers(RELAY)
    assert not discovery.answers(LocalRelay(50_001, "another secret"))
    assert len(set(listener.asked)) == 3
    assert listener.open == 0


def _raise(error: Exception) -> bytes:
    raise error


@pytest.mark.parametrize(
    "answer",
    [
        *(b"", b"<html>", b"[]", b"7", b"{}", b'{"proof": null}', b'{"proof": "wrong"}'),
        '{"proof": "ä"}'.encode(),
        *(b'{"proof": "\\ud800"}', b"\xff", b"[" * 4_096, b'{"proof": ' + b" " * 5_000),
        *(ConnectionRefusedError(), TimeoutError(), http.client.BadStatusLine("SSH-2.0")),
    ],
    ids=str,
)
def test_another_program_at_its_port_is_not_the_relay_whatever_it_says(
    listen: Any, answer: bytes | Exception
) -> None:
    listener = listen(lambda *_asked: _raise(answer) if isinstance(answer, Exception) else answer)

    assert not discovery.answers(RELAY)
    assert listener.open == 0


# -- starting it


class Machine:
    """Which relays run, and what happens when one is started."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.running: list[LocalRelay] = []
        self.starts: list[dict[str, Any]] = []
        self.outcome: Callable[[], bytes] = self.listens
        self.takes = 0.0
        monkeypatch.setattr(discovery, "answers", self._answers)
        monkeypatch.setattr(discovery.subprocess, "run", self._run)

    def _answers(self, relay: LocalRelay, within: float = 2.0) -> bool:
        return relay in self.running and self.takes <= within

    def _run(self, command: list[str], **options: Any) -> Any:
        self.starts.append({"command": command, **options})
        return SimpleNamespace(stdout=self.outcome())

    def listens(self) -> bytes:
        """Start as a relay does."""
        discovery.write_runtime_file(RELAY)
        self.running.append(RELAY)
        return discovery.READY


@pytest.fixture
def machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_one_that_runs_is_used_and_none_is_started(machine: Machine) -> None:
    machine.listens()

    assert discovery.find_or_start() == RELAY
    assert machine.starts == []


def test_one_that_was_killed_is_started_anew_out_of_an_interrupts_reach(machine: Machine) -> None:
    discovery.write_runtime_file(LocalRelay(1, "old"))

    assert discovery.find_or_start() == RELAY
    assert discovery.find_or_start() == RELAY

    (start,) = machine.starts
    assert start["command"][-2:] == ["rtc_widget.relay", "--local"]
    assert start["start_new_session"]


def test_one_that_has_just_started_may_be_slow_to_answer(machine: Machine) -> None:
    machine.takes = 5.0

    assert discovery.find_or_start() == RELAY
    assert len(machine.starts) == 1


def test_who_had_to_wait_for_another_kernel_uses_what_that_has_started(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WonByAnother(FileLock):
        def acquire(self, *given: Any, **options: Any) -> Any:
            machine.listens()
            return super().acquire(*given, **options)

    monkeypatch.setattr(discovery, "FileLock", WonByAnother)

    assert discovery.find_or_start() == RELAY
    assert machine.starts == []


def test_a_lock_that_nobody_lets_go_of_is_said(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(discovery, "_START_SECONDS", 0.01)
    folder.mkdir()
    with (
        FileLock(discovery.runtime_file().with_suffix(".lock")),
        pytest.raises(RelayError, match="lock") as caught,
    ):
        discovery.find_or_start()

    assert caught.value.code == "relay_failed"


def test_a_relay_that_does_not_start_names_its_log(machine: Machine, folder: Path) -> None:
    def hang() -> bytes:
        raise discovery.subprocess.TimeoutExpired("relay", 20)

    for outcome in (lambda: b"", lambda: b"Traceback", hang):
        machine.outcome = outcome
        with pytest.raises(RelayError, match=r"did not start; see rtc_widget-relay-\d+\.log") as caught:
            discovery.find_or_start()
        assert caught.value.code == "relay_failed"

    assert len(machine.starts) == 3


def test_a_relay_that_starts_and_does_not_answer_is_said(machine: Machine) -> None:
    machine.outcome = lambda: discovery.READY

    with pytest.raises(RelayError, match="does not answer"):
        discovery.find_or_start()


def test_a_runtime_directory_that_cannot_be_written_is_said_before_anything_is_started(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", os.fspath(tmp_path / "a file" / "runtime"))

    with pytest.raises(RelayError, match="JUPYTER_RUNTIME_DIR") as caught:
        discovery.find_or_start()

    assert caught.value.code == "relay_failed"
    assert machine.starts == []
