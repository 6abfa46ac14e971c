"""Every public entry that takes a number or a path takes what users of other libraries have in their hands, and refuses the rest."""

from __future__ import annotations

import ast
import contextlib
import math
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtc_widget import (
    InvalidArgumentError,
    Peer,
    ProtocolError,
    Recording,
    Relay,
    RoomWidget,
    TurnServer,
    WaitTimeoutError,
)
from rtc_widget.recording.capture.live_recording import LiveRecording
from rtc_widget.trace.trace import Trace
from tests.support.golden import FOLDER
from tests.support.golden.api import public
from tests.support.peers import Peers

# Indices are Python's matter; what is made for our own use, or is another's twin, is that one's.
OTHERS = re.compile(
    r"\.__getitem__|_async$|^Diagram\.live_page|^Report\.|^(Stats|LiveRecording)\.(?!chapter)"
)
CALLED = re.compile(r"(async |class|static)?(method )?\(")
# A token that has expired is one; of a time before the beginning says `bad_recording` what there is.
MAY_BE_NEGATIVE = ("seed", "expires", "t")
NUMBER, PATH = re.compile(r"\b(int|float)\b"), re.compile(r"\b(Path|PathLike)\b")


@dataclass
class World:
    """A room with two Peers and a widget, all connected, a recording and a trace."""

    ada: Peer
    bob: Peer
    room: RoomWidget
    relay: Relay
    recording: Recording
    running: LiveRecording
    trace: Trace
    folder: Path


@dataclass(frozen=True)
class Entry:
    """How a public entry is called: who has it, its other arguments, and a plausible value for each number."""

    of: Callable[[World], Any]
    args: tuple[Any, ...] = ()
    numbers: dict[str, Any] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


SOON: dict[str, Any] = {"timeout": 0.125}
FAULTY: dict[str, Any] = {"count": 1, "probability": 1, "seed": 3}
RECORDED: dict[str, Any] = {"max_mb": 5, "max_minutes": 2}
EXPORTED: dict[str, Any] = {"fps": 5, "size": (64, 36)}
ENTRIES = {
    "Diagram.save": Entry(lambda w: w.trace.diagram().save, paths={"path": "diagram.svg"}),
    "FaultInjection.corrupt": Entry(lambda w: w.room.fault.corrupt, numbers=FAULTY),
    "FaultInjection.delay": Entry(lambda w: w.room.fault.delay, numbers={"seconds": 1, **FAULTY}),
    "FaultInjection.drop": Entry(lambda w: w.room.fault.drop, numbers=FAULTY),
    "FaultInjection.duplicate": Entry(lambda w: w.room.fault.duplicate, numbers=FAULTY),
    "FaultInjection.glare": Entry(lambda w: w.room.fault.glare, ("Ada", "Bob"), {"count": 1}),
    "FaultInjection.relay_down": Entry(lambda w: w.room.fault.relay_down, numbers={"seconds": 1}),
    "FaultInjection.reorder": Entry(lambda w: w.room.fault.reorder, numbers=FAULTY),
    "Peer.frame": Entry(lambda w: w.bob.frame, ("Ada",), SOON),
    "Peer.frames": Entry(lambda w: w.bob.frames, ("Ada",), {"fps": 5, **SOON}),
    "Peer.new": Entry(
        lambda w: lambda *args, **more: Peer(*args, relay=w.relay, **more).close(),
        ("another room",),
        {"fps": 5, "resolution": (64, 36)},
    ),
    "Peer.record": Entry(lambda w: w.bob.record, numbers=RECORDED, paths={"path": "peer.rtcw"}),
    "Peer.send": Entry(lambda w: w.bob.send, ("text",), SOON, more={"to": "Ada"}),
    "Peer.send_sound": Entry(lambda w: w.bob.send_sound, (np.zeros(480, np.float32),), {"rate": 48000}),
    "Peer.sound": Entry(lambda w: w.bob.sound, ("Ada",), {"seconds": 1, **SOON}),
    "Peer.sounds": Entry(lambda w: w.bob.sounds, ("Ada",), SOON),
    "Peer.use": Entry(lambda w: w.ada.use, ("pattern",), {"fps": 5}),
    "Peer.wait_for": Entry(lambda w: w.bob.wait_for, ("connected",), SOON),
    "Recording.chapter": Entry(lambda w: w.recording.chapter, ("A title",), {"t": 1}),
    "Recording.export": Entry(
        lambda w: w.recording.export, numbers=EXPORTED, paths={"path": "film.mp4"}, more=EXPORTED
    ),
    "Recording.frame": Entry(lambda w: w.recording.frame, ("Ada",), {"t": 1}),
    "Recording.open": Entry(lambda w: Recording.open, paths={"path": "saved.rtcw"}),
    "Recording.new": Entry(lambda w: Recording, paths={"path": "saved.rtcw"}),
    "Recording.replay": Entry(lambda w: w.recording.replay, numbers={"max_mb": 8}),
    "Recording.to_html": Entry(
        lambda w: w.recording.to_html, numbers={"max_mb": 8}, paths={"path": "page.html"}
    ),
    "LiveRecording.chapter": Entry(lambda w: w.running.chapter, ("A title",), {"t": 0}),
    "Relay.link": Entry(lambda w: w.relay.link, ("r",), {"expires": 60, "max_uses": 2}),
    "Relay.local": Entry(
        lambda w: Relay.local, paths={"certificate": "none", "key": "none"}, more={"share": True}
    ),
    "Relay.token": Entry(lambda w: w.relay.token, ("r",), {"expires": 60, "max_uses": 2}),
    "RoomWidget.frame": Entry(lambda w: w.room.frame, ("Ada",), SOON),
    "RoomWidget.frames": Entry(lambda w: w.room.frames, ("Ada",), {"fps": 5, **SOON}),
    "RoomWidget.link": Entry(lambda w: w.room.link, numbers={"expires": 60, "max_uses": 2}),
    "RoomWidget.new": Entry(
        lambda w: lambda *args, **more: RoomWidget(*args, relay=w.relay, **more).close(),
        ("another room",),
        {"resolution": (64, 36)},
    ),
    "RoomWidget.record": Entry(lambda w: w.room.record, numbers=RECORDED, paths={"path": "widget.rtcw"}),
    "RoomWidget.sound": Entry(lambda w: w.room.sound, ("Ada",), {"seconds": 1, **SOON}),
    "RoomWidget.step": Entry(lambda w: w.room.step, numbers=SOON),
    "RoomWidget.step_over": Entry(lambda w: w.room.step_over, numbers=SOON),
    "RoomWidget.step_to": Entry(lambda w: w.room.step_to, ("offer",), SOON),
    "RoomWidget.wait_for": Entry(lambda w: w.room.wait_for, ("joined",), SOON),
    "Trace.load": Entry(lambda w: Trace.load, paths={"path": "saved.jsonl"}),
    "Trace.save": Entry(lambda w: w.trace.save, paths={"path": "trace.jsonl"}),
    "TurnServer.new": Entry(
        lambda w: TurnServer, ("turn:turn.example.org",), {"lifetime": 60}, more={"secret": "a secret"}
    ),
}


class OfAnotherLibrary:
    """A path as py.path and others have one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)


def parameters() -> dict[str, dict[str, str]]:
    """Return the annotations of all parameters of public entries that are numbers or paths."""
    found: dict[str, dict[str, str]] = {}
    for owner, members in public().items():
        for name, told in members.items():
            key = f"{owner}.{name}"
            if not isinstance(told, str) or not CALLED.match(told) or OTHERS.search(key):
                continue
            signature = re.sub(r"<\w+>", "0", told[told.index("(") :]).replace("?", "object")
            [function] = ast.parse(f"def entry{signature}: ...").body
            assert isinstance(function, ast.FunctionDef)
            for each in (*function.args.args, *function.args.kwonlyargs):
                annotation = ast.unparse(each.annotation) if each.annotation else ""
                if NUMBER.search(annotation) or PATH.search(annotation):
                    found.setdefault(key, {})[each.arg] = annotation
    return found


FOUND = parameters()


CASES = [(key, name) for key, entry in ENTRIES.items() for name in entry.numbers]
PATHS = [(key, name) for key, entry in ENTRIES.items() for name in entry.paths]


@pytest.fixture(scope="module")
def world(service: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    shutil.copy(FOLDER / "lesson.rtcw.zip", folder / "saved.rtcw")
    shutil.copy(FOLDER / "glare.jsonl", folder / "saved.jsonl")
    peers = Peers(service)
    ada, bob = peers.pair(source="pattern", audio="tone", resolution=(64, 36))
    room = RoomWidget(peers.room, name="Cy", relay=service)
    recording = Recording.open(folder / "saved.rtcw")
    running = ada.record(folder / "running")
    yield World(ada, bob, room, service, recording, running, Trace.load(folder / "saved.jsonl"), folder)
    running.stop()
    recording.close()
    room.close()
    peers.close()


def call(world: World, of: str, /, **changed: Any) -> None:
    """Call an entry with some arguments in place of the usual ones, and undo what that does."""
    entry = ENTRIES[of]
    paths = {name: world.folder / file for name, file in entry.paths.items()}
    result = entry.of(world)(*entry.args, **{**paths, **entry.more, **changed})
    world.room.fault.clear()
    if isinstance(result, LiveRecording):
        result.stop()
        result.path.unlink()
    elif isinstance(result, Recording):
        result.close()


def test_this_test_knows_every_public_entry_that_takes_a_number_or_a_path() -> None:
    known = {key: {*entry.numbers, *entry.paths} for key, entry in ENTRIES.items()}
    assert {key: set(found) for key, found in FOUND.items()} == known


def foreign(value: Any) -> list[Any]:
    """Return a value as other libraries have it."""
    if isinstance(value, tuple):
        return [tuple(map(np.int32, value)), np.array(value), list(value)]
    return [
        np.float32(value),
        np.int64(value),
        np.array(value),
        Fraction(value),
        Decimal(value),
        float(value),
    ]


@pytest.mark.parametrize(("key", "name"), CASES)
def test_a_number_of_another_library_is_one(world: World, key: str, name: str) -> None:
    for value in foreign(ENTRIES[key].numbers[name]):
        # Nothing is held, and what is not in the recording cannot be found there.
        with contextlib.suppress(ProtocolError, WaitTimeoutError):
            call(world, key, **{name: value})


@pytest.mark.parametrize(("key", "name"), CASES)
def test_what_is_no_number_is_refused_before_anything_happens(world: World, key: str, name: str) -> None:
    for value in ("2", True, math.nan, math.inf, [1], object(), *([] if name in MAY_BE_NEGATIVE else [-1])):
        with pytest.raises(InvalidArgumentError, match=rf"\b{name}\b") as refused:
            call(world, key, **{name: value})
        assert refused.value.code in ("bad_argument", "bad_frame"), value


@pytest.mark.parametrize(("key", "name"), [each for each in PATHS if each[0] != "Relay.local"])
def test_a_path_is_a_text_or_what_any_library_makes_of_one(world: World, key: str, name: str) -> None:
    path = world.folder / ENTRIES[key].paths[name]
    for value in (path, str(path), np.str_(path), OfAnotherLibrary(path)):
        call(world, key, **{name: value})


@pytest.mark.parametrize(("key", "name"), PATHS)
def test_what_is_no_path_is_refused_before_anything_happens(world: World, key: str, name: str) -> None:
    for value in (5, 1.5, True, b"name", ["name"], object(), "a\0b"):
        with pytest.raises(InvalidArgumentError) as refused:
            call(world, key, **{name: value})
        assert refused.value.code in ("bad_argument", "bad_recording", "recording_failed"), value
