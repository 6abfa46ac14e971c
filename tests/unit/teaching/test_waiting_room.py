"""Who waits to be let in, as Python and the widget show it, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.room.waiting_people import WaitingPeople
from rtc_widget.runtime.waiters import Waiters
from rtc_widget.teaching.controls import Controls
from rtc_widget.teaching.waiting_room import WaitingRoom
from tests.support.fakes import fake_life

if TYPE_CHECKING:
    from collections.abc import Iterable


class Waited:
    """A waiting room, what it has asked of the relay, and what it has sent to front ends."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.sent: list[tuple[list[dict[str, Any]], str]] = []
        self.member: Any = Controls()
        self.member.room = "demo"
        self.life = fake_life()
        self.waiters: Waiters[Any] = Waiters(self.member)
        self.room = WaitingRoom(
            self.member,
            self.life,
            self.waiters,
            request=self._ask,
            post=self._ask,
            send=lambda content, to: self.sent.append((content["rows"], to)),
        )

    def _ask(self, event: str, payload: dict[str, Any]) -> None:
        assert event == "answer_knock"
        assert payload["roomId"] == "demo"
        self.asked.append({key: value for key, value in payload.items() if key != "roomId"})

    def tell(self, names: Iterable[str]) -> None:
        """Let the relay say who waits."""
        entries = [
            {"socketId": f"id-{number}", "name": name, "kind": "browser", "since": 1_000.0 * number}
            for number, name in enumerate(names)
        ]
        self.room.told({"waiting": entries})


@pytest.fixture
def waited() -> Waited:
    return Waited()


def test_who_waits_is_a_trait_that_follows(waited: Waited) -> None:
    seen: list[list[str]] = []
    waited.member.observe(lambda change: seen.append([each.name for each in change.new]), "waiting")

    waited.tell(["Bob", "Eve"])
    waited.tell(["Bob", "Eve"])
    waited.tell(["Eve"])
    # The connection to the relay is lost, or an older relay says nothing of it.
    waited.room.told({})

    assert seen == [["Bob", "Eve"], ["Eve"], []]
    assert [len(rows) for rows, _to in waited.sent] == [2, 1, 0]


def test_a_cell_may_wait_for_somebody_who_waits(waited: Waited) -> None:
    knock = waited.waiters.add(lambda room: room.waiting)

    waited.tell(["Bob"])

    assert knock.done()


def test_it_shows_itself_as_a_table_with_everything_as_text(waited: Waited) -> None:
    assert repr(waited.member.waiting) == "nobody waits"
    assert waited.member.waiting._repr_html_() == "<p>nobody waits</p>"
    waited.tell(["Bob", "<b>Bob</b>", "Bob"])
    people: WaitingPeople = waited.member.waiting

    assert [line.split("  ")[0] for line in repr(people).splitlines()] == [
        "name",
        "Bob",
        "<b>Bob</b>",
        "Bob (2)",
    ]
    assert "&lt;b&gt;Bob&lt;/b&gt;" in people._repr_html_()
    assert people["Bob (2)"] == people["id-2"] == people[2]
    assert "Bob" in people
    assert "Ada" not in people
    assert repr(people[0]) == "WaitingPerson(name='Bob')"
    with pytest.raises(KeyError, match=r"Did you mean 'Bob'\?"):
        people["Bobb"]


def test_one_is_let_in_or_all_are(waited: Waited) -> None:
    waited.tell(["Bob", "Eve", "Carol"])

    waited.room.admit("Eve")
    waited.room.admit(waited.member.waiting[0])
    waited.room.admit()

    admitted = [each["participant"] for each in waited.asked if each["admit"]]
    assert admitted == ["id-1", "id-0", "id-0", "id-1", "id-2"]


def test_one_is_declined_and_the_link_revoked_where_that_is_wanted(waited: Waited) -> None:
    waited.tell(["Bob"])

    waited.room.decline("Bob")
    waited.room.decline("Bob", revoke=True)

    said = {"participant": "id-0", "admit": False}
    assert waited.asked == [{**said, "revoke": False}, {**said, "revoke": True}]


@pytest.mark.parametrize("act", ["admit", "decline"])
def test_a_misspelt_name_gets_the_nearest_and_nobody_is_answered(waited: Waited, act: str) -> None:
    waited.tell(["Bob", "Eve"])

    with pytest.raises(InvalidArgumentError, match=r"Waiting: 'Bob', 'Eve'\. Did you mean 'Bob'\?") as raised:
        getattr(waited.room, act)("Bobb")

    assert raised.value.code == "unknown_participant"
    assert waited.asked == []


def test_the_widget_is_told_of_each_and_of_many_in_one_row(waited: Waited) -> None:
    waited.tell(["Bob", "Bob", "Eve", "Carol"])
    waited.tell(["Bob", "Bob", "Eve", "Carol", "Dan"])

    (four, to), (five, _to) = waited.sent
    assert to == "*"
    assert [row["title"].removesuffix(" waits to be let in") for row in four] == [
        "Bob",
        "Bob (2)",
        "Eve",
        "Carol",
    ]
    assert [row["ids"] for row in five] == [["id-0"], ["id-1"], ["id-2"], ["id-3", "id-4"]]
    assert five[-1]["title"] == "2 others wait to be let in"
    waited.room.greet("tab")
    assert waited.sent[-1] == (five, "tab")


def test_a_page_that_comes_while_nobody_waits_is_told_nothing(waited: Waited) -> None:
    waited.room.greet("tab")

    assert waited.sent == []


@pytest.mark.parametrize("ids", [["id-1", "gone", 3], "id-1", None])
def test_what_the_widget_answers_counts_for_those_who_still_wait(waited: Waited, ids: object) -> None:
    waited.tell(["Bob", "Eve"])

    waited.room.receive({"kind": "answer", "ids": ids, "admit": False})

    wanted = [{"participant": "id-1", "admit": False}] if isinstance(ids, list) else []
    assert waited.asked == wanted
