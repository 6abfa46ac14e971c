"""Messages and events show themselves in words, without ids, clock times and contents."""

from __future__ import annotations

from tests.support.traces import call, stepped


def test_messages_are_a_table_of_who_what_and_what_became_of_it():
    messages = call().trace.messages()

    heads, first, *_ = repr(messages).splitlines()
    assert heads.split() == ["ms", "from", "to", "kind", "way", "then"]
    assert first.split()[:4] == ["0.0", "Ada", "Bob", "offer"] or first.split()[1:4] == [
        "Ada",
        "Bob",
        "offer",
    ]
    assert "setRemoteDescription" in first
    assert messages._repr_html_().count("<tr>") == len(messages) + 1


def test_a_part_of_them_is_a_table_with_the_same_clock():
    messages = call().trace.messages()

    assert repr(messages[1:2]).splitlines()[1].split()[0] == repr(messages).splitlines()[2].split()[0]
    assert messages[0] is next(iter(messages))


def test_of_many_the_middle_is_counted():
    messages = call().trace.messages()
    many = type(messages)([*messages] * 100, str, 0.0)

    lines = repr(many).splitlines()
    assert len(lines) == 1 + 40 + 1
    assert f"{len(many) - 40} more" in lines[21]


def test_none_is_said_in_words():
    assert repr(call().trace.messages()[:0]) == "no messages"


def test_neither_ids_nor_contents_are_shown():
    trace = stepped().trace
    shown = "\n".join([*map(repr, trace), *map(repr, trace.messages()), repr(trace.messages())])

    for message in trace.messages():
        assert message.id not in shown
    for key in trace.names:
        assert f"{key} " not in shown
    assert "a=" not in shown
    assert " typ " not in shown


def test_what_a_teacher_did_to_a_message_is_told():
    (offer, *_) = [each for each in stepped().trace.messages() if each.kind == "offer"]

    assert repr(offer).startswith("<offer: held, ")
