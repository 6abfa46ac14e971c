"""The details of a message: what it says in short, its way, its lines by m-section, what changed, and its effects."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ...errors import InvalidArgumentError
from ..messages import Message
from ..sdp.diff import diff
from ..sdp.explain import Explained, explain
from ..times import duration, transit
from .facts import Fact, facts_of_candidates, facts_of_description
from .parts import Arrow, Story
from .text import about

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Details:
    """The details of one arrow.

    Attributes
    ----------
    title : str
        The arrow as a sentence.
    facts : list of Fact
        What one looks for first.
    way : list of str
        Where the time went.
    effects : list of str
        What the receiver did with it, and when.
    outcome : list of str
        How an answer differs from its offer.
    changes : list of (sign, line)
        Lines added ("+") and removed ("-") since the previous description of the same side; None for the first.
    sections : list of (str, list of Explained)
        Every line of the description by m-section, each with a title; or the candidates.
    """

    title: str
    facts: list[Fact] = field(default_factory=list)
    way: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    outcome: list[str] = field(default_factory=list)
    changes: list[tuple[str, Explained]] | None = None
    sections: list[tuple[str, list[Explained]]] = field(default_factory=list)


class Explainer:
    """Collects the details of the messages of a connection, in their order.

    Parameters
    ----------
    redact : callable
        Applied to all texts that came from participants.
    """

    def __init__(self, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self._last: dict[tuple[str, str], list[Explained]] = {}
        self._offers: dict[tuple[str, str], str] = {}

    def details(self, story: Story, arrow: Arrow) -> Details:
        """Return the details of a message.

        Parameters
        ----------
        story : Story
            Has the names.
        arrow : Arrow
            The message.

        Returns
        -------
        Details
            Everything that is known of it.
        """
        redact = self._redact
        details = Details(
            redact(about(story, arrow)), way=[*_way(story, arrow)], effects=[*_effects(arrow, redact)]
        )
        try:
            self._explain(details, arrow)
        # Anybody can write a message, and one that cannot be explained must not cost the diagram.
        except Exception as error:
            log.error("A message could not be explained: %s.", type(error).__name__)
            unknown = Explained("", "What this message says could not be explained.", "", False)
            details.sections = [("What it says", [unknown])]
        return details

    def _explain(self, details: Details, arrow: Arrow) -> None:
        message = arrow.first
        way, back = (message.sender, message.receiver), (message.receiver, message.sender)
        sdp = message.sdp
        if isinstance(sdp, str):
            shown = self._redact(sdp)
            details.facts = facts_of_description(shown, message.kind)
            lines = _explained(shown)
            details.sections = [*_sections(lines)]
            if way in self._last:
                details.changes = _changes(self._last[way], lines)
            self._last[way] = lines
            if message.kind == "offer":
                self._offers[way] = sdp
            elif back in self._offers:
                details.outcome = [self._redact(finding) for finding in _findings(self._offers[back], sdp)]
        elif message.kind == "ice_candidate":
            details.facts = facts_of_candidates(arrow.messages)
            details.sections = [("Candidates", [*self._candidates(arrow.messages)])]

    def _candidates(self, messages: Iterable[Message]) -> Iterator[Explained]:
        for each in messages:
            text = str((each.content or {}).get("candidate") or "")
            yield from _explained(self._redact(text or "a=end-of-candidates"))


def _way(story: Story, arrow: Arrow) -> Iterator[str]:
    sender, receiver = story.name(arrow.first.sender), story.name(arrow.first.receiver)
    if arrow.first.unseen:
        yield f"{sender} → {receiver}: {arrow.way or 'not known'}"
        return
    error = arrow.first.clock_error
    yield f"{sender} → signaling server: {transit(arrow.arrived - arrow.sent, error)}"
    if arrow.forwarded is not None:
        yield f"at the signaling server: {duration(arrow.forwarded - arrow.arrived)}"
        if arrow.received is not None and arrow.first.received is not None:
            yield f"signaling server → {receiver}: {transit(arrow.received - arrow.forwarded, error)}"


def _effects(arrow: Arrow, redact: Callable[[str], str]) -> Iterator[str]:
    messages = arrow.messages
    if len(messages) > 1:
        counts = Counter(effect.type for message in messages for effect in message.effects)
        yield from (f"{kind}: {count} of {len(messages)}" for kind, count in counts.items())
        return
    start = _arrival(arrow.first)
    for effect in arrow.first.effects:
        error = effect.data.get("error")
        operation = effect.data.get("operation")
        words = redact(f"{effect}{f' {operation}' if operation else ''}{f': {error}' if error else ''}")
        yield f"{words}, {duration(max(0.0, effect.time - start))} later"


def _arrival(message: Message) -> float:
    return message.received or message.forwarded or message.arrived


def _explained(text: str) -> list[Explained]:
    try:
        return list(explain(text))
    except InvalidArgumentError:
        return [Explained(text[:200], "This is neither a session description nor a candidate.", "", False)]


def _sections(lines: Sequence[Explained]) -> Iterator[tuple[str, list[Explained]]]:
    """Divide a description at its m-lines (RFC 8866, 5)."""
    title, section = "session", list[Explained]()
    for line in lines:
        if line.line.startswith("m="):
            if section:
                yield _titled(title, section), section
            title, section = line.line[2:].split(" ", 1)[0], []
        section.append(line)
    if section:
        yield _titled(title, section), section


def _titled(title: str, section: Sequence[Explained]) -> str:
    mid = next((line.line.partition(":")[2] for line in section if line.line.startswith("a=mid:")), "")
    return f"{title}, mid {mid}" if mid else title


def _findings(offer: str, answer: str) -> list[str]:
    try:
        return [str(finding) for finding in diff(offer, answer)]
    except InvalidArgumentError as error:
        return [error.message]


def _changes(before: Sequence[Explained], after: Sequence[Explained]) -> list[tuple[str, Explained]]:
    """Compare line by line: descriptions repeat lines in every section, so lines are counted, not aligned."""
    old, new = Counter(line.line for line in before), Counter(line.line for line in after)
    gone, come = old - new, new - old
    return [*_remaining("-", before, gone), *_remaining("+", after, come)]


def _remaining(
    sign: str, lines: Sequence[Explained], counts: Counter[str]
) -> Iterator[tuple[str, Explained]]:
    for line in lines:
        if counts[line.line] > 0:
            counts[line.line] -= 1
            yield sign, line
