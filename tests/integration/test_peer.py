"""The kernel as a peer, without a browser: two of them in one process, over a real relay and a real media process."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtc_widget import Peer, Relay
from rtc_widget.errors import InvalidArgumentError, ProtocolError, RtcWidgetError, WaitTimeoutError
from tests.support.peers import GREY, Peers
from tests.support.waiting import GONE_SECONDS, wait_for, wait_until

# -- being there


def test_a_peer_is_a_participant_with_the_states_of_any_other(peers: Peers) -> None:
    ada, bob = peers.pair()

    seen = bob.participants["Ada"]
    assert (seen.kind, seen.connection_state, seen.signaling_state) == ("python", "connected", "stable")
    assert (seen.ice_connection_state, seen.ice_gathering_state) == ("completed", "complete")
    wait_until(lambda: seen.selected_candidate_pair == {"local": "host", "remote": "host", "protocol": "udp"})
    assert (ada.state, ada.me.name, bob.participants["Ada"].id) == ("joined", "Ada", ada.me.id)


def test_a_peer_that_leaves_is_gone_at_once(peers: Peers) -> None:
    ada, bob = peers.pair()

    ada.leave()

    bob.wait_for(lambda peer: peer.participants == (), GONE_SECONDS)
    assert ada.state == "left"


def test_closing_twice_and_asking_afterwards_is_answered(peers: Peers) -> None:
    ada = peers("Ada")
    ada.close()
    ada.close()

    with pytest.raises(RtcWidgetError, match="closed"):
        ada.frame("Bob")
    assert "secret" not in repr(ada)


def test_who_has_left_can_send_nothing_more_and_is_told(peers: Peers) -> None:
    ada = peers("Ada")
    ada.send_frame(GREY)
    ada.leave()

    for act in (lambda: ada.send_frame(GREY), lambda: ada.use("pattern"), lambda: ada.stats):
        with pytest.raises(RtcWidgetError, match="closed"):
            act()


def test_what_is_on_is_seen_by_the_others(peers: Peers) -> None:
    ada, bob = peers.pair()
    seen = bob.participants["Ada"]
    assert (seen.video, seen.audio) == (False, False)

    ada.use("pattern", audio="tone")
    bob.wait_for(lambda _: seen.video and seen.audio)

    # One's own at once.
    wait_until(lambda: ada.me.video and ada.me.audio, 10, "Ada's own camera and microphone on")
    ada.mute(video=True)
    wait_until(lambda: not ada.me.video, 10, "Ada's own camera off")
    assert ada.me.audio
    ada.mute()
    wait_until(lambda: not ada.me.audio, 10, "Ada's own microphone off")
    bob.wait_for(lambda _: not seen.video and not seen.audio)
    ada.unmute(video=True)
    bob.wait_for(lambda _: seen.video and not seen.audio)
    before = bob.frame("Ada").number
    wait_until(lambda: bob.frame("Ada").number > before + 5, 30, "pictures after unmuting")


def test_three_peers_are_all_connected(peers: Peers) -> None:
    three = [peers(name) for name in ("Ada", "Bob", "Cleo")]

    for peer in three:
        peer.wait_for(lambda one: len(one.participants) == 2)
        peer.wait_for("connected")


# -- messages


def test_json_bytes_and_arrays_arrive_as_they_were(peers: Peers) -> None:
    ada, bob = peers.pair()
    heard: list[object] = []
    bob.on_message(lambda data, sender: heard.append((sender.name, data)))
    array = np.arange(12, dtype=np.float16).reshape(3, 4)

    ada.send({"a": [1, None, "ü"]})
    ada.send(b"\x00\x01", to="Bob")
    ada.send(array, to=bob.me)
    bob.wait_for(lambda _: len(heard) == 3)

    assert heard[:2] == [("Ada", {"a": [1, None, "ü"]}), ("Ada", b"\x00\x01")]
    got = heard[2][1]
    assert (got.dtype, got.shape) == (array.dtype, array.shape)
    assert (got == array).all()


def test_a_sender_that_is_faster_than_its_receiver_is_slowed_down_and_loses_nothing(peers: Peers) -> None:
    ada, bob = peers.pair()
    heard: list[int] = []
    bob.on_message(lambda data, _sender: heard.append(data[0]))
    waiting: list[int] = []

    for number in range(40):
        ada.send(bytes([number]) + bytes(200_000))
        waiting.append(number - len(heard))
    bob.wait_for(lambda _: len(heard) == 40)

    assert heard == list(range(40))
    # 8 MB in all, of which no more than what the channel holds was ever on its way.
    assert max(waiting) < 20


def test_of_messages_without_end_a_peer_whose_callback_hangs_keeps_a_limited_number(
    peers: Peers, capfd: pytest.CaptureFixture[str]
) -> None:
    ada, bob = peers.pair()
    heard: list[int] = []
    go_on = threading.Event()

    def slow(data: Any, _sender: object) -> None:
        go_on.wait(60)
        heard.append(data[0])

    bob.on_message(slow)
    # 21 MB, of which 16 MiB wait, and what comes when that limit has been reached is gone.
    for number in range(80):
        ada.send(bytes([number]) + bytes(260_000))
    go_on.set()
    wait_until(lambda: bob.error, 30, "a word of it")
    ada.send(bytes([200]))

    wait_until(lambda: heard[-1:] == [200], 30, "the last message")
    assert 50 < len(heard) < 80
    assert heard == sorted(heard)
    assert heard[:50] == list(range(50))
    assert bob.error["code"] == "rate_limited"
    assert capfd.readouterr().err.count("Messages of Ada were dropped") == 1


def test_what_cannot_be_a_message_is_refused(peers: Peers) -> None:
    ada, _ = peers.pair()

    with pytest.raises(InvalidArgumentError, match="message_too_large"):
        ada.send(np.zeros(300_000, np.uint8))
    with pytest.raises(InvalidArgumentError, match="array cannot be sent"):
        ada.send(np.array([object()]))
    with pytest.raises(InvalidArgumentError, match="bad_argument"):
        ada.send({1, 2})


def test_a_message_before_joining_says_what_to_wait_for(service: Relay) -> None:
    with Peer("demo", relay=Relay("http://127.0.0.1:9", secret="x" * 16)) as lost:
        with pytest.raises(ProtocolError, match="not_joined"):
            lost.send(1)
        lost.wait_for("failed", 30)
        assert lost.error["code"] == "relay_unreachable"


def test_waiting_in_a_callback_is_refused(peers: Peers) -> None:
    ada, bob = peers.pair()
    caught: list[str] = []

    def answer(_data: object, _sender: object) -> None:
        try:
            bob.wait_for("joined")
        except RtcWidgetError as error:
            caught.append(error.code)

    bob.on_message(answer)
    ada.send(1)

    wait_until(lambda: caught == ["would_deadlock"], 30, "the refusal")


def test_an_echo_answers_everything_in_order(peers: Peers) -> None:
    ada, bob = peers.pair()
    heard: list[int] = []
    ada.on_message(lambda data, _sender: heard.append(data[0]))
    bob.on_message(lambda data, sender: bob.send(data, to=sender))

    # 8 MB, of which the channel holds one.
    for number in range(40):
        ada.send(bytes([number]) + bytes(200_000), to="Bob")

    ada.wait_for(lambda _: len(heard) == 40)
    assert heard == list(range(40))
    assert bob.error is None


# -- the rest


async def test_peers_can_be_waited_for_in_coroutines(peers: Peers) -> None:
    ada = await asyncio.to_thread(peers, "Ada")

    await ada.wait_for_async("joined", 10)
    with pytest.raises(WaitTimeoutError, match="nobody else"):
        await ada.wait_for_async("connected", 0.1)
    await wait_for(lambda: ada.me is not None)


def test_pictures_are_what_players_make_of_them(peers: Peers, tmp_path: Path) -> None:
    """Colours survive: red is red after RGB, I420, VP8, I420 and RGB."""
    ada, bob = peers.pair()
    red = np.zeros((64, 64, 3), np.uint8)
    red[:, :, 0] = 255
    ada.send_frame(red)

    wait_until(
        lambda: bob.frame("Ada")[32, 32, 0] > 230 and bob.frame("Ada")[32, 32, 1:].max() < 25, 30, "red"
    )
