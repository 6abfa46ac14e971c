"""A link as a notebook shows it: what is said to a page, and what is saved."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rtc_widget.errors import RelayError, RtcWidgetError
from rtc_widget.relay.address import Relay
from rtc_widget.widget import link_view
from rtc_widget.widget.comm_channel import CommChannel
from rtc_widget.widget.link_view import Links, LinkView

RELAY = Relay("https://relay.example.org", secret="0123456789abcdef")


class Life:
    """Of the widget whose links these are."""

    closed = False

    def check_open(self) -> None:
        if self.closed:
            raise RtcWidgetError("closed", "It is closed.")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []

    def send(_view: LinkView, message: dict[str, Any], buffers: object = None) -> None:
        # The others are the model's own.
        if message["method"] == "custom":
            messages.append(message["content"])

    monkeypatch.setattr(LinkView, "_send", send)
    return messages


@pytest.fixture
def links() -> Links:
    return Links("demo", Life(), lambda: RELAY)


def test_a_link_is_sent_to_every_page_at_once_and_again_to_who_asks(
    links: Links, sent: list[dict[str, Any]]
) -> None:
    view = links.link(expires=60, max_uses=2)
    view._channel.receive(view, {"kind": "hello", "client_id": "a tab"}, [])
    for nonsense in (None, {}, {"kind": "hello"}, {"kind": "hello", "client_id": 7}, {"kind": "other"}):
        view._channel.receive(view, nonsense, [])

    assert [message["to"] for message in sent] == ["*", "a tab"]
    for message in sent:
        assert (message["kind"], message["url"], message["uses"]) == ("link", view.url, 2)
        assert message["expires"] == pytest.approx(view.expires * 1000)


def test_neither_what_is_saved_nor_what_is_printed_has_the_token(
    links: Links, sent: list[dict[str, Any]]
) -> None:
    view = links.link()

    token = view.url.partition("#")[2]
    saved = json.dumps(view.get_state(), default=str)
    assert "_bundle" in saved
    for text in (saved, repr(view), str(view), json.dumps(view._repr_mimebundle_())):
        assert token not in text


def test_links_go_with_their_widget_and_a_closed_one_makes_none(
    sent: list[dict[str, Any]],
) -> None:
    life = Life()
    links = Links("demo", life, lambda: RELAY)
    views = [links.link(), links.link()]

    links.close()
    views[0].close()

    assert [view.comm for view in views] == [None, None]
    life.closed = True
    with pytest.raises(RtcWidgetError, match="closed"):
        links.link()


async def test_who_does_not_know_the_relays_secret_makes_no_link(sent: list[dict[str, Any]]) -> None:
    links = Links("demo", Life(), lambda: Relay("https://relay.example.org"))
    with pytest.raises(RelayError, match="secret"):
        links.link()
    # Nor does a page that has no camera hear of one.
    channel = CommChannel(lambda content, _buffers: sent.append(content))
    await links.offer(channel, "a tab")
    assert sent == []


@pytest.mark.parametrize("is_closed", [False, True])
async def test_a_page_without_a_camera_is_offered_a_link_once_there_is_a_relay(
    sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, is_closed: bool
) -> None:
    monkeypatch.setattr(link_view, "_PAUSES", (0.0, 0.0, 0.0))
    life, asked = Life(), []

    def locate() -> Relay:
        asked.append("relay")
        life.closed = is_closed
        if len(asked) == 1:
            raise RelayError("relay_failed", "It is about to begin.")
        return RELAY

    channel = CommChannel(lambda content, _buffers: sent.append(content))
    await Links("demo", life, locate).offer(channel, "a tab")

    assert len(asked) == (1 if is_closed else 2)
    assert [message["kind"] for message in sent] == ([] if is_closed else ["join_page"])


@pytest.mark.parametrize(("error", "is_told"), [(OSError("gone"), True), (ValueError("ours"), False)])
def test_a_kernel_that_goes_away_loses_nothing_but_the_message(
    links: Links,
    sent: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    is_told: bool,
) -> None:
    view = links.link()

    def fail(_view: object, _message: object, buffers: object = None) -> None:
        raise error

    monkeypatch.setattr(LinkView, "_send", fail)
    if not is_told:
        with pytest.raises(ValueError, match="ours"):
            view._show("*")
        return
    view._show("*")
    assert "gone" in caplog.text
    caplog.clear()
    view.close()
    view._show("*")
    assert caplog.text == ""
