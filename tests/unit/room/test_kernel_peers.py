"""Which Peers a kernel has in a room, and the way to them."""

from __future__ import annotations

import concurrent.futures
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.protocol.media_process import OfferChannel
from rtc_widget.room import kernel_peers


def participant(identity: str) -> Any:
    return cast("Any", SimpleNamespace(id=identity))


def offer(command: OfferChannel) -> concurrent.futures.Future[tuple[int, str]]:
    future: concurrent.futures.Future[tuple[int, str]] = concurrent.futures.Future()
    future.set_result((4_711, f"for {command.participant}"))
    return future


def test_peers_are_known_by_their_rooms_until_they_leave() -> None:
    kernel_peers.put("lesson", participant("bot"), None, offer)
    kernel_peers.put("elsewhere", participant("other"), None, offer)
    try:
        assert kernel_peers.ids("lesson") == ["bot"]
        assert kernel_peers.offer_channel("bot", "ada").result() == (4_711, "for ada")
    finally:
        kernel_peers.put("lesson", None, participant("bot"), offer)
        kernel_peers.put("elsewhere", None, participant("other"), offer)

    assert kernel_peers.ids("lesson") == []
    with pytest.raises(ProtocolError) as caught:
        kernel_peers.offer_channel("bot", "ada")
    assert caught.value.code == "unknown_participant"


def test_a_peer_that_comes_back_as_another_is_known_once() -> None:
    kernel_peers.put("lesson", participant("first"), None, offer)
    kernel_peers.put("lesson", participant("second"), participant("first"), offer)
    try:
        assert kernel_peers.ids("lesson") == ["second"]
    finally:
        kernel_peers.put("lesson", None, participant("second"), offer)
