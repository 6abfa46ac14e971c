"""The exercises "find the bug": a saved trace with one fault, and which message it is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from ...trace.messages import Message
from ...trace.sdp.sections import sections_of_description
from ...trace.trace import Trace
from .own_words import ROLLS_BACK, judge_words, without_spaces
from .requirement import Given, NotSo, Requirement
from .seen import is_given, message_given
from .who_is_meant import name_in

Judge = Callable[[Trace, Message], object]


def _named(trace: Any, given: Given) -> object:
    if not is_given(given, "message"):
        return False
    if isinstance(given["message"], list | tuple | set):
        return NotSo(
            "Name one message, by its place, such as message=0 for the first: one of them is enough."
        )
    if message_given(trace, given) is not None:
        return True
    places = f"{len(trace.messages())} messages, message=0 to message={len(trace.messages()) - 1}"
    named = given["message"]
    what = repr(named) if isinstance(named, str | int | float) else "That"
    return NotSo(f"{what} is no message of this trace. It has {places}: give the place of one.")


def _bug(number: str, judge: Judge, hint: str, *second: Requirement) -> tuple[Requirement, ...]:
    """Return the requirements of an exercise; what is asked for beside the message keeps a guess from passing."""

    def judged(trace: Any, given: Given) -> object:
        return _judge_message(
            trace, given, judge, "no message has the fault that is asked about: give check broken"
        )

    return (
        Requirement(
            "You named a message.",
            f'check("{number}", broken, message=0, …) names the first of broken.messages().',
            _named,
            asks="message",
        ),
        Requirement("It is the one that is at fault.", hint, judged),
        *(_once(judged, each) for each in second),
    )


def _judge_message(trace: Trace, given: Given, judge: Judge, otherwise: str) -> object:
    """Judge the message that was named, in the trace that is meant and not in another, where the question is without an answer."""
    message = message_given(trace, given)
    judged = message is not None and judge(trace, message)
    if isinstance(judged, NotSo) and not any(judge(trace, each) is True for each in trace.messages()):
        return NotSo(f"In that trace {otherwise}.")
    return judged


def _once(first: Callable[[Any, Given], object], requirement: Requirement) -> Requirement:
    """Judge what is said of the right message only: it is about that one, and nobody finds out half of it by guessing."""

    def judged(trace: Any, given: Given) -> object:
        return first(trace, given) is True and requirement.judge(trace, given)

    return replace(requirement, judge=judged)


_OPEN: Final = re.compile(r"setup:actpass")
_ANOTHER_LINE: Final = re.compile(r"\ba=(?!setup:actpass)|\bm=")
# What should stand there instead is no second answer.
_INSTEAD: Final = re.compile(
    r"\b(?:which )?(?:should|must|may|can)(?: not|n't)? be\b.*|\b(?:instead of|rather than)\b.*",
    re.IGNORECASE,
)
_QUEUE: Final = re.compile(
    r"\b(?:(?:en)?queu|buffer|stor|sav|hold|held|keep|kept|(?:a)?wait|delay|defer|postpon|collect|remember|cach|stash|park|retain|"
    r"(?:put|set) aside)|\b(?:put|push|append)\w*\b.{0,20}\b(?:list|array|backlog)\b|"
    r"\badd\w*\b.{0,40}\b(?:later|after|afterwards|once)\b|\b(?:later|after|afterwards|once)\b.{0,80}\badd"
)
_ANOTHER_FATE: Final = re.compile(
    r"\b(?:discard|drop|ignor|delet|thr[eo]w)\w*|\b(?:re-?)?sen[dt]\b.{0,20}\bagain\b|\bresen[dt]\b"
)
_BOB: Final = re.compile(r"\bbob\b")
_ANOTHER_NAME: Final = re.compile(r"\b(?:ada|mine)\b")
# A mid of 10 is not 1.
_ONE: Final = re.compile(r"(?<!\d)1(?!\d)")
_ANOTHER_NUMBER: Final = re.compile(r"(?<!\d)(?!1(?!\d))\d")


def _text_given(trace: Trace, value: object) -> str:
    """Return what a student answered with: a text, or the name of a participant, also by its id."""
    text = str(getattr(value, "name", value)).strip().removesuffix(".0")
    return trace.names.get(text, text)


def _word(
    key: str,
    says: str,
    hint: str,
    right: re.Pattern[str],
    wrong: str,
    others: re.Pattern[str] | None = None,
) -> Requirement:
    """Return the requirement that a student wrote the right word, and no other answer beside it."""

    def judged(trace: Any, given: Given) -> object:
        if not is_given(given, key):
            return False
        return judge_words(_text_given(trace, given[key]), right, wrong, others)

    return Requirement(says, hint, judged, asks=key)


def _line_of_message(trace: Any, given: Given) -> object:
    """Judge a line that must not be in the message that was named; one that is not there is none."""
    text = _INSTEAD.sub("", without_spaces(str(given.get("line"))))
    judged = _A_LINE.judge(trace, {**given, "line": text} if is_given(given, "line") else given)
    message = message_given(trace, given)
    if not isinstance(judged, NotSo) or message is None:
        return judged
    line = text.casefold()
    if ("setup" in line or "actpass" in line) and line in "a=setup:actpass" and not _OPEN.search(line):
        return NotSo("That is the line. Write all of it, as it stands in the description.")
    if _OPEN.search(line) or line in (message.sdp or "").casefold():
        return judged
    if "setup:" in line:
        if "holdconn" in line:
            return NotSo("An answer to actpass says active or passive. Which line stands there instead?")
        return NotSo("That is what it could say. Which line stands there instead?")
    return NotSo("The message has no such line: take one from its SDP as it stands there.")


_A_LINE: Final = _word(
    "line",
    "And the line of it that must not be there.",
    "An answer takes one of the roles that the offer leaves open.",
    _OPEN,
    "Nothing is wrong with that line. Which one is about who begins something?",
    _ANOTHER_LINE,
)


_NOT_WAITING: Final = "That participant has all the answers that it waits for."


def _receiver_of_answer(trace: Any, given: Given) -> object:
    """Judge who should have got an answer; only who is in the trace can wait for one."""
    judged = _A_RECEIVER.judge(trace, given)
    if judged != NotSo(_NOT_WAITING):
        return judged
    name = _text_given(trace, given["to"]).casefold()
    if "mine" in name:
        return NotSo("Mine is who answers. Whose offer has got no answer?")
    return judged if "ada" in name else NotSo("There are three in this call: Ada, Bob and Mine.")


_A_RECEIVER: Final = _word(
    "to",
    "And to whom it should have gone.",
    "Who has made an offer and never got an answer?",
    _BOB,
    _NOT_WAITING,
    _ANOTHER_NAME,
)


_OLD: Final = "That m-line has been there from the beginning. Which one is new?"


def _mid_of_message(trace: Any, given: Given) -> object:
    """Judge the mid of an m-line; one that the message does not have is none."""
    judged = _A_MID.judge(trace, given)
    message = message_given(trace, given)
    if judged != NotSo(_OLD) or message is None or message.sdp is None:
        return judged
    mids = [section.mid for section in sections_of_description(message.sdp)]
    if any(word in mids for word in re.findall(r"\d+|[^\W\d]+", str(given["mid"]))):
        return judged
    return NotSo(f"That is no mid of the message that you named: its mids are {', '.join(mids)}.")


_A_MID: Final = _word(
    "mid",
    "And the mid of the m-line that has taken the place of another.",
    "What is new is added at the end.",
    _ONE,
    _OLD,
    _ANOTHER_NUMBER,
)

_ITS_OWN: Final = re.compile(r"\b(?:own|its|his|their|bob)\b")
_ANOTHER_THING: Final = re.compile(
    r"\b(?:ada|her|call|connection|answer|incoming|other|remote|received|everything)\b"
)
_A_STEP: Final = _word(
    "step",
    "And what its receiver should have done with its own offer first.",
    "Lesson 4 shows it: the polite side takes something back.",
    ROLLS_BACK,
    "As long as its own offer stands, its receiver cannot take another one: what does the polite side of lesson 4 do first?",
)


def _step_of_receiver(trace: Any, given: Given) -> object:
    """Judge what should have been done with the receiver's own offer."""
    judged = _A_STEP.judge(trace, given)
    step = str(given.get("step")).casefold()
    if judged is True and _ANOTHER_THING.search(step) and not _ITS_OWN.search(step):
        return NotSo("It is about the offer that the receiver had made itself. What happens to that one?")
    if isinstance(judged, NotSo) and "setremotedescription" in step:
        return NotSo(
            "A browser that is given an offer while its own still stands first does something with its own, unasked: what is that "
            "called?"
        )
    return judged


# -- the faults


def _open_role(_trace: Trace, message: Message) -> object:
    if message.kind == "answer" and "a=setup:actpass" in (message.sdp or ""):
        return True
    if message.kind == "offer":
        return NotSo(
            "There is nothing wrong with the offer: what it leaves open is for the answer to decide."
        )
    return NotSo("That candidate is as it should be. Which operation failed, and on which message?")


def _refused(_trace: Trace, message: Message) -> object:
    effects = [effect.type for effect in message.effects]
    if "refused" in effects:
        return True
    if message.kind == "ice_candidate":
        return NotSo(
            "That candidate came early as well, but its receiver had a queue: it was kept, and added later."
        )
    return NotSo("That description was set in the end. Which message could not be used when it came?")


def _astray(trace: Trace, message: Message) -> object:
    if message.kind == "answer" and any(effect.type == "failed" for effect in message.effects):
        return True
    if message.kind == "offer":
        return NotSo("Both offers are right: each reached Mine and was answered. Where did the answers go?")
    name = trace.name_of(message.receiver)
    return NotSo(f"{name} had offered, and this is the answer to that: it went where it should.")


def _not_to_be_ignored(trace: Trace, message: Message) -> object:
    joined = {event.participant: event.data["order"] for event in trace.filter("join")}
    ignored = any(effect.type == "ignored" for effect in message.effects)
    if message.kind == "offer" and ignored and joined[message.receiver] > joined[message.sender]:
        return True
    return NotSo(
        "Whoever got this one was there first, and is impolite: to ignore it is right. What of the other one?"
    )


def _out_of_order(_trace: Trace, message: Message) -> object:
    if message.kind == "offer" and any(effect.type == "failed" for effect in message.effects):
        return True
    return NotSo("With this one the call was made, and it worked. What was it that failed?")


def _unanswered(trace: Trace, message: Message) -> object:
    if message.kind != "offer":
        return NotSo("That is no offer: two offers crossed, and one answer came. Which offer was it not for?")
    if any(effect.type == "ignored" for effect in message.effects):
        return True
    return NotSo(
        f"{trace.name_of(message.receiver)} took this offer, and answered it. What of the other one?"
    )


_WORDS: Final = re.compile(r"\w+")


def _gave_way(trace: Any, given: Given) -> object:
    if not is_given(given):
        return False
    said = _text_given(trace, given["answer"])
    names = dict.fromkeys(name_in(trace, key) for key in trace.names)
    text = said.casefold()
    named = [name for name in names if name.casefold() in (text, *_WORDS.findall(text))]
    if not named:
        return NotSo(f"{said!r} is none of these: {', '.join(names)}.")
    polite = {name_in(trace, event.participant) for event in trace.filter("rollback")}
    if len(named) > 1:
        return NotSo(f"You named {' and '.join(named)}: decide for one.")
    judged = judge_words(text, _WORDS, "")
    if judged is not True:
        return judged
    return named[0] in polite or NotSo(f"You answered {named[0]}. On whose lifeline is the rollback?")


def _unanswered_offer(trace: Any, given: Given) -> object:
    return _judge_message(trace, given, _unanswered, "no offer was ignored: give check recording.trace")


BUGS: Final[dict[str, tuple[Requirement, ...]]] = {
    "2.4": _bug(
        "2.4",
        _open_role,
        "Something failed at Ada. Explain what she was told to set, line by line.",
        replace(_A_LINE, judge=_line_of_message),
    ),
    "3.2": _bug(
        "3.2",
        _refused,
        "Which messages had come before Ada had a remote description?",
        _word(
            "step",
            "And what should have been done with it instead.",
            "Bob's client did that with Ada's candidates: the diagram has a word for it.",
            _QUEUE,
            "That would not have helped: it came too early to be used, and it is needed later.",
            _ANOTHER_FATE,
        ),
    ),
    "8.2": _bug(
        "8.2",
        _astray,
        "Mine has two connections. Choose each pair in the diagram: who waits for something?",
        replace(_A_RECEIVER, judge=_receiver_of_answer),
    ),
    "9.3": _bug(
        "9.3",
        _not_to_be_ignored,
        "Two offers crossed. In this course, whoever joins later is polite.",
        replace(_A_STEP, judge=_step_of_receiver),
    ),
    "11.2": _bug(
        "11.2",
        _out_of_order,
        "Bob refused something. Compare its m-lines with those of the description before it.",
        replace(_A_MID, judge=_mid_of_message),
    ),
    "13.1": (
        Requirement(
            "You named a message.",
            'check("13.1", recording.trace, message=0, answer=…) names the first of recording.trace.messages().',
            _named,
            asks="message",
        ),
        Requirement(
            "It is the offer that was never answered.",
            "Both offered at once, and there is one answer in this call.",
            _unanswered_offer,
        ),
        _once(
            _unanswered_offer,
            Requirement(
                "And you named who gave way.",
                'answer="…": Ada or Bob?',
                _gave_way,
                asks="answer",
            ),
        ),
    ),
}
"""The exercises with a trace, each by its number."""
