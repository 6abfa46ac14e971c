"""What is broken on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.teaching.fault_injection import FaultInjection
from tests.support.fakes import participant

if TYPE_CHECKING:
    from collections.abc import Callable

TOLD = {
    "id": "f1",
    "fault": "delay",
    "seconds": 1.5,
    "kind": None,
    "sender": "Ada",
    "to": "Bob",
    "count": 3,
    "probability": 0.5,
    "seed": 7,
    "done": 1,
}


class Broken:
    """Fault injection, and what it has asked for."""

    def __init__(self, *here: str) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.told: list[dict[str, Any]] = []
        self.fault = FaultInjection(
            lambda action, **options: self.asked.append((action, options)),
            lambda: self.told,
            lambda: {name.lower(): name for name in here},
        )

    @property
    def only(self) -> dict[str, Any]:
        """The one fault that was asked for, without what it leaves open."""
        ((action, options),) = self.asked
        assert action == "fault"
        return {key: value for key, value in options.items() if value is not None}


@pytest.mark.parametrize(
    ("ask", "asked"),
    [
        (lambda f: f.drop("offer"), {"fault": "drop", "kind": "offer"}),
        (
            lambda f: f.drop(count=1, probability=0.5, seed=7),
            {"fault": "drop", "count": 1, "probability": 0.5, "seed": 7},
        ),
        (lambda f: f.delay("answer", 2.0), {"fault": "delay", "kind": "answer", "seconds": 2.0}),
        (lambda f: f.duplicate(sender="Ada"), {"fault": "duplicate", "sender": "Ada"}),
        (lambda f: f.reorder(to=participant("Bob", "id-2")), {"fault": "reorder", "to": "id-2"}),
        (lambda f: f.corrupt(), {"fault": "corrupt"}),
    ],
)
def test_a_fault_says_which_messages_it_is_for(
    ask: Callable[[FaultInjection], None], asked: dict[str, Any]
) -> None:
    broken = Broken()

    ask(broken.fault)

    assert broken.only == {"probability": 1.0, "seed": 0, **asked}


def test_glare_is_of_two_who_are_named_or_who_are_here() -> None:
    named, here = Broken(), Broken("Ada", "Bob")

    named.fault.glare("Ada", "Bob", count=2)
    here.fault.glare()

    assert named.only == {"fault": "glare", "sender": "Ada", "to": "Bob", "count": 2}
    assert here.only == {"fault": "glare", "sender": "ada", "to": "bob"}


@pytest.mark.parametrize(("here", "one"), [((), None), (("a", "b", "c"), None), (("a", "b"), "a")])
def test_glare_needs_two(here: tuple[str, ...], one: str | None) -> None:
    broken = Broken(*here)

    with pytest.raises(InvalidArgumentError, match=f"{len(here)} are in the room"):
        broken.fault.glare(one)
    assert broken.asked == []


def test_candidates_are_hidden_by_their_types() -> None:
    broken, turn = Broken(), Broken()

    broken.fault.no_candidates("host", to="Ada")
    turn.fault.turn_only()

    assert broken.only == {"fault": "no_candidates", "types": "host", "to": "Ada"}
    assert turn.only == {"fault": "no_candidates", "types": "host srflx prflx"}
    with pytest.raises(InvalidArgumentError, match="Name the candidate types"):
        broken.fault.no_candidates()


def test_a_name_that_is_nearly_somebodys_is_taken_with_a_warning() -> None:
    broken = Broken("Ada", "Bob")

    with pytest.warns(
        UserWarning, match=r"Nobody in the room is called 'Bobb'.*Did you mean 'Bob'\?"
    ) as warned:
        broken.fault.drop(to="Bobb")

    assert [Path(each.filename).name for each in warned] == [Path(__file__).name]
    assert broken.only["to"] == "Bobb"


@pytest.mark.parametrize("who", ["Bob", "bob", "Zoe"])
def test_who_is_here_by_name_or_id_and_who_may_yet_come_is_taken_silently(who: str) -> None:
    broken = Broken("Ada", "Bob")

    broken.fault.drop(sender=who)

    assert broken.only["sender"] == who


def test_faults_are_cleared_one_by_one_or_all() -> None:
    broken = Broken()
    broken.told = [TOLD]

    broken.fault.clear(broken.fault[0])
    broken.fault.clear("f2")
    broken.fault.clear()

    assert broken.asked == [("clear", {"fault": "f1"}), ("clear", {"fault": "f2"}), ("clear", {})]


def test_what_is_broken_is_a_list_that_reads_as_sentences() -> None:
    broken = Broken()
    assert (len(broken.fault), repr(broken.fault)) == (0, "no active faults")

    broken.told = [TOLD, {**TOLD, "fault": "glare", "seconds": 0, "count": None, "probability": 1.0}]

    assert [each.action for each in broken.fault] == ["delay", "glare"]
    assert [each.id for each in broken.fault[:1]] == ["f1"]
    assert repr(broken.fault).splitlines() == [
        "<delay 1.5 s of Ada to Bob 3 more with probability 0.5, seed 7; 1 so far>",
        "<glare of Ada and Bob; 1 so far>",
    ]
