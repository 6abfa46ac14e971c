"""How far an exercise is: three verdicts, and time for what is right."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.teaching import check as checking
from rtc_widget.teaching.check import Checked, Finding, check
from rtc_widget.teaching.exercises import EXERCISES
from rtc_widget.teaching.exercises.bugs import BUGS
from rtc_widget.teaching.exercises.requirement import NotSo, Requirement
from rtc_widget.trace import Event, Trace


def room_of(**seen: Any) -> Any:
    """A room in which nothing has happened."""
    return SimpleNamespace(trace=Trace((), names={}), held=[], **seen)


ROOM = room_of()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(checking, "_LASTING_SECONDS", 0.3)
    monkeypatch.setattr(checking, "_LOOK_SECONDS", 0.005)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Any:
    made = room_of(bob=False, wrong=False, apart=True)
    requirements = (
        Requirement("You are in.", "Run the cell.", lambda _room, given: given["is_in"]),
        Requirement(
            "Bob is <here>.",
            "Call Bob.",
            lambda room, _given: NotSo("That is Eve.") if room.wrong else room.bob,
        ),
    )
    lasting = (Requirement("They are apart.", "Break it.", lambda room, _given: room.apart, lasts=True),)
    monkeypatch.setattr(checking, "EXERCISES", {"1.1": EXERCISES["1.1"], "4.1": requirements, "9.1": lasting})
    return made


def test_what_is_not_there_yet_comes_with_a_hint_towards_the_first_of_it(room: Any) -> None:
    checked = check("4.1", room, is_in=True)

    assert not checked
    assert [each.verdict for each in checked.findings] == ["done", "not yet"]
    assert (checked.verdict, checked.reason) == ("not yet", "Call Bob.")
    assert repr(checked).splitlines() == [
        "Exercise 4.1: not yet",
        "  ✓ You are in.",
        "  ○ Bob is <here>.",
        "Call Bob.",
    ]


def test_of_a_paused_room_it_says_that_whatever_is_waited_for_may_be_held(room: Any) -> None:
    room.paused = True
    assert check("4.1", room, is_in=True).reason == (
        "Call Bob. The room's signaling is paused: room.resume() lets it go on."
    )
    room.wrong = True
    assert check("4.1", room, is_in=True).reason == "That is Eve."
    # What the student has not written waits for nothing.
    assert check("1.1", room, 15).reason.endswith("lets it go on.")
    assert not check("1.1", room, "?").reason.endswith("lets it go on.")


def test_what_is_wrong_comes_with_the_reason_whatever_else_is_missing(room: Any) -> None:
    room.wrong = True

    checked = check("4.1", room)

    assert (checked.verdict, checked.reason) == ("not so", "That is Eve.")
    assert repr(checked).startswith("Exercise 4.1: not so\n  ○ You are in.\n  ✗ Bob is <here>.")


def test_what_cannot_be_looked_at_yet_is_not_yet(room: Any) -> None:
    assert [each.verdict for each in check("4.1", room).findings] == ["not yet", "not yet"]


def test_what_is_right_a_moment_later_is_right(monkeypatch: pytest.MonkeyPatch, room: Any) -> None:
    monkeypatch.setattr(checking, "_PATIENCE_SECONDS", 10.0)
    later = threading.Timer(0.1, lambda: setattr(room, "bob", True))
    later.start()

    assert check("4.1", room, is_in=True)
    later.join()


def test_what_must_not_be_is_watched_for_a_while(monkeypatch: pytest.MonkeyPatch, room: Any) -> None:
    assert check("9.1", room)
    monkeypatch.setattr(checking, "_LASTING_SECONDS", 10.0)
    later = threading.Timer(0.1, lambda: setattr(room, "apart", False))
    later.start()

    assert not check("9.1", room)
    later.join()


def test_what_one_look_says_of_several_requirements_is_true_of_the_same_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Live:
        held: tuple[()] = ()
        events = 0

        @property
        def trace(self) -> Trace:
            self.events += 1
            return Trace([Event(n, "ada", "offer_received") for n in range(self.events)], names={})

    seen: list[int] = []

    def judge(room: Any, _given: Any) -> bool:
        seen.append(len(room.trace))
        return len(seen) > 2

    monkeypatch.setattr(checking, "EXERCISES", {"3.1": (Requirement("It is.", "Wait.", judge),) * 3})
    assert check("3.1", Live())  # type: ignore[arg-type]
    first = seen[0]
    assert seen == [first] * 3 + [first + 1] * 3


def test_when_all_is_there_it_says_so() -> None:
    checked = Checked("4.1", (Finding("done", "You are in.", ""),))

    assert checked
    assert repr(checked).endswith("Everything is done. Well done!")


def test_in_a_notebook_it_is_a_list_in_which_nothing_is_markup_that_should_not_be(room: Any) -> None:
    shown = check("4.1", room, is_in=True)._repr_html_()

    assert shown.count("<li") == 2
    assert "<em>not yet:</em> Bob is &lt;here&gt;." in shown
    assert shown.endswith("Call Bob.</div>")


def test_an_exercise_that_there_is_not_is_refused_with_the_nearest(room: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"Did you mean '4\.1'"):
        check("4.11", room)


@pytest.mark.parametrize(
    ("number", "given"),
    [
        ("2.1", SimpleNamespace(name="Ada")),
        ("2.1", ROOM.trace),
        ("2.1", "room"),
        ("2.4", ROOM),
        ("2.4", SimpleNamespace(name="Ada")),
    ],
)
def test_what_an_exercise_is_not_about_is_refused(number: str, given: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=rf"{number}.* takes .* This is of type "):
        check(number, given)


@pytest.mark.parametrize("number", sorted(EXERCISES))
def test_every_exercise_says_what_it_needs_and_where_to_look_in_sentences(number: str) -> None:
    for each in EXERCISES[number]:
        assert each.says.endswith((".", "?"))
        assert each.hint
        # It is shown as it is.
        assert "`" not in each.says + each.hint
    assert check(number, ROOM.trace if number in BUGS else ROOM).verdict == "not yet"


def test_what_the_student_has_not_written_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []
    asking = Requirement("A number.", "Which?", lambda room, given: looks.append(room), asks="answer")
    monkeypatch.setitem(checking.EXERCISES, "0.1", (asking,))

    assert check("0.1", ROOM, answer="?").verdict == "not yet"
    assert len(looks) == 1
    assert check("0.1", ROOM, answer=["?", ...]).verdict == "not yet"
    assert len(looks) == 2
