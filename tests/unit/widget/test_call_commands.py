"""What Python asks of the tab that is in the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import InvalidArgumentError, ProtocolError, RtcWidgetError
from rtc_widget.widget.call_commands import CallCommands
from rtc_widget.widget.comm_channel import CommChannel
from tests.support.fakes import fake_life, fake_member, participant

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtc_widget.room.participants import Participant

ADA = participant("Ada", "id-1")


class Commanded:
    """Commands, and what has become of them."""

    def __init__(self, *others: Participant, me: bool = True) -> None:
        self.sent: list[tuple[dict[str, Any], Any]] = []
        self.said: list[tuple[Any, str, str | None]] = []
        self.life = fake_life()
        channel = CommChannel(lambda content, buffers: self.sent.append((content, buffers)))
        member = fake_member(*(others or [ADA]), me=participant("Me") if me else None)
        self.devices: dict[str, list[str]] = {}
        self.commands = CallCommands(
            channel,
            member,
            self.life,
            lambda: self.devices,
            lambda data, sender, to: self.said.append((data, sender, to)),
        )

    @property
    def only(self) -> dict[str, Any]:
        """The one command that was given, without what all have."""
        ((content, _buffers),) = self.sent
        return {key: value for key, value in content.items() if key not in ("kind", "to")}


@pytest.mark.parametrize(
    ("ask", "command"),
    [
        (lambda c: c.mute(), {"action": "media", "audio": False}),
        (lambda c: c.mute(video=True), {"action": "media", "video": False}),
        (lambda c: c.mute(audio=True, video=True), {"action": "media", "audio": False, "video": False}),
        (lambda c: c.unmute(), {"action": "media", "audio": True}),
        (lambda c: c.unmute(video=True), {"action": "media", "video": True}),
        (lambda c: c.share_screen(), {"action": "screen", "on": True}),
        (lambda c: c.share_screen(False), {"action": "screen", "on": False}),
        (lambda c: c.share_screen(pattern=True), {"action": "screen", "on": True, "pattern": True}),
        (lambda c: c.restart_ice(), {"action": "restart_ice"}),
        (lambda c: c.use(camera="back"), {"action": "use", "camera": "back", "microphone": None}),
        (lambda c: c.leave(), {"action": "leave"}),
        (lambda c: c.decline("r-1"), {"action": "decline", "recording": "r-1"}),
    ],
)
def test_each_wish_is_one_command(ask: Callable[[CallCommands], None], command: dict[str, Any]) -> None:
    given = Commanded()

    ask(given.commands)

    assert given.only == command


CAMERAS = ["HD Webcam (front)", "USB Camera"]


def test_a_device_is_named_by_part_of_its_label_in_any_case() -> None:
    given = Commanded()
    given.devices = {"cameras": CAMERAS, "microphones": []}

    given.commands.use(camera="FRONT", microphone="Headset")

    assert given.only == {"action": "use", "camera": "FRONT", "microphone": "Headset"}


def test_a_device_that_the_tab_does_not_have_is_refused_with_those_that_it_has() -> None:
    given = Commanded()
    given.devices = {"cameras": CAMERAS, "microphones": ["Headset"]}

    with pytest.raises(
        InvalidArgumentError, match=r"HD Webcam \(front\), USB Camera\. Did you mean 'Webcam'\?"
    ) as refused:
        given.commands.use(camera="webcm")

    assert (refused.value.code, given.sent) == ("no_device", [])


def test_before_the_call_the_tab_is_asked_whatever_it_had_last() -> None:
    given = Commanded(me=False)
    given.devices = {"cameras": CAMERAS, "microphones": []}

    given.commands.use(camera="plugged in since")

    assert given.only["camera"] == "plugged in since"


@pytest.mark.parametrize("who", ["Ada", "id-1", ADA])
def test_a_message_is_sent_to_whom_it_is_for(who: Any) -> None:
    given = Commanded()

    given.commands.send([1, 2], to=who)

    assert given.only == {"action": "send", "text": "[1, 2]", "target": "id-1"}
    assert given.said == [([1, 2], "me", "id-1")]


@pytest.mark.parametrize("who", ["id-1", ADA])
def test_a_message_for_an_id_is_not_sent_to_who_is_called_like_it(who: Any) -> None:
    given = Commanded(participant("id-1", "id-2"), ADA)

    given.commands.send("for Ada", to=who)

    assert given.only["target"] == "id-1"


def test_bytes_are_sent_beside_the_message() -> None:
    given = Commanded()

    given.commands.send(b"bytes")

    ((content, buffers),) = given.sent
    assert (content["text"], content["target"], buffers) == (None, None, [b"bytes"])


def test_who_is_not_in_the_room_cannot_send() -> None:
    given = Commanded(me=False)

    with pytest.raises(ProtocolError) as refused:
        given.commands.send("hello")

    assert refused.value.code == "not_joined"
    assert (given.sent, given.said) == ([], [])


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda c: c.send("hello", to="Eve"), "unknown_participant"),
        (lambda c: c.send({1, 2}), "bad_argument"),
        (lambda c: c.use(), "bad_argument"),
        (lambda c: c.use(camera=0), "bad_argument"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_sent(
    ask: Callable[[CallCommands], None], code: str
) -> None:
    given = Commanded()

    with pytest.raises(InvalidArgumentError) as refused:
        ask(given.commands)

    assert refused.value.code == code
    assert (given.sent, given.said) == ([], [])


def test_a_closed_widget_commands_nothing() -> None:
    given = Commanded()
    given.life.closed = True

    for ask in (given.commands.mute, given.commands.leave, lambda: given.commands.send("hello")):
        with pytest.raises(RtcWidgetError) as refused:
            ask()
        assert refused.value.code == "closed"
    assert given.sent == []
