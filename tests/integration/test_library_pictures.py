"""Every public entry that takes a picture takes what users of other libraries have in their hands."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rtc_widget import Peer, Relay
from tests.support.golden.api import public
from tests.support.peers import GREY, Peers
from tests.support.pictures import KINDS, Gives, looks, picture
from tests.support.waiting import wait_until

# What may be a picture, or gives some.
TAKES = re.compile(r"(\w+): (?:\w+\.)*[\w |\[\],.]*\b(?:Source|Picture|Transform)\b")

Send = Callable[[Peers, Peer, str, int], Peer]


def made(kind: str, level: int) -> Any:
    return KINDS[kind](picture(level))


def by_transform(run: str, *, given_first: bool) -> Send:
    def send(peers: Peers, ada: Peer, kind: str, level: int) -> Peer:
        if given_first:
            return peers("Mirror", source=GREY, transform=Gives(kind, level), run=run)
        ada.send_frame(GREY)
        ada.transform(Gives(kind, level), run=run)  # type: ignore[arg-type]
        ada.send_frame(GREY)
        return ada

    return send


def use(_peers: Peers, ada: Peer, kind: str, level: int) -> Peer:
    ada.use(made(kind, level))
    return ada


def send_frame(_peers: Peers, ada: Peer, kind: str, level: int) -> Peer:
    ada.send_frame(made(kind, level))
    return ada


def iterable(_peers: Peers, ada: Peer, kind: str, level: int) -> Peer:
    ada.use(made(kind, level) for _ in itertools.count())
    return ada


ENTRIES: dict[str, tuple[str, Send]] = {
    "Peer(source=…)": ("Peer.new source", lambda peers, _, *made_of: peers("Cy", source=made(*made_of))),
    "use": ("Peer.use source", use),
    "use of an iterable": ("Peer.use source", iterable),
    "send_frame": ("Peer.send_frame picture", send_frame),
    "transform": ("Peer.transform function", by_transform("kernel", given_first=False)),
    "transform, run='peer'": ("Peer.transform function", by_transform("peer", given_first=False)),
    "Peer(transform=…)": ("Peer.new transform", by_transform("kernel", given_first=True)),
    "Peer(transform=…, run='peer')": ("Peer.new transform", by_transform("peer", given_first=True)),
}


@pytest.fixture(scope="module")
def pair(service: Relay) -> Iterator[tuple[Peers, Peer, Peer]]:
    peers = Peers(service)
    yield peers, *peers.pair()
    peers.close()


def test_this_test_knows_every_public_entry_that_takes_a_picture() -> None:
    found = {
        f"{owner}.{name} {parameter}"
        for owner, members in public().items()
        for name, told in members.items()
        if isinstance(told, str)
        for parameter in TAKES.findall(told.rpartition("->")[0] or told)
        if parameter != "audio"
    }
    assert found == {where for where, _send in ENTRIES.values()}


def shows(viewer: Peer, sender: Peer, level: int, what: str) -> None:
    """Wait until a picture is seen as it is, or something is wrong."""
    viewer.wait_for(lambda _: sender.error or any(each.name == sender.name for each in viewer.participants))
    wait_until(lambda: sender.error or looks(viewer.frame(sender.name), level), 30, what)
    assert sender.error is None, what


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_picture_of_another_library_is_seen_as_it_is(pair: tuple[Peers, Peer, Peer], entry: str) -> None:
    peers, ada, bob = pair
    for kind, level in zip(KINDS, itertools.cycle([90, 130, 170, 210, 250]), strict=False):
        sender = ENTRIES[entry][1](peers, ada, kind, level)
        shows(bob, sender, level, kind)
        if sender is ada:
            ada.transform(None)
        else:
            sender.close()
            bob.wait_for(lambda _: len(bob.participants) == 1)
