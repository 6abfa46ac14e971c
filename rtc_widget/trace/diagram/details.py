"""The details of a message: its way, its content explained, what changed, and its effects."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ...errors import InvalidArgumentError
from ..messages import Message
from ..sdp.diff import diff
from ..sdp.explain import Explained, explain
from .parts import Arrow, Story
from .text import about, duration

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Details:
    """The details of one arrow.

    Attributes
    ----------
    title : str
        The arrow as a sentence.
    way : list of str
        Where the time went.
    effects : list of str
        What the receiver did with it, and when.
    outcome : list of str
        How an answer differs from its offer.
    changes : list of (sign, line)
        Lines added ("+") and removed ("-") since the previous description of the same side; None for the first.
    lines : list of Explained
        Every line of the description, or the candidates.
    """

    title: str
    way: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    outcome: list[str] = field(default_factory=list)
    changes: list[tuple[str, Explained]] | None = None
    lines: list[Explained] = field(default_factory=list)


def details_of(story: Story, redact: Callable[[str], str]) -> list[Details]:
    """Collect the details of every arrow of a story.

    Parameters
    ----------
    story : Story
        The story.
    redact : callable
        Applied to all texts that came from participants.

    Returns
    -------
    list of Details
        In the order of the arrows.
    """
    last: dict[tuple[str, str], list[Explained]] = {}
    offers: dict[tuple[str, str], str] = {}
    return [_details(story, arrow, redact, last, offers) for arrow in story.parts if isinstance(arrow, Arrow)]


def _details(
    story: Story,
    arrow: Arrow,
    redact: Callable[[str], str],
    last: dict[tuple[str, str], list[Explained]],
    offers: dict[tuple[str, str], str],
) -> Details:
    details = Details(redact(about(story, arrow)), list(_way(story, arrow)), list(_effects(arrow, redact)))
    try:
        _explain_content(details, arrow, redact, last, offers)
    # Anybody can write a message, and one that cannot be explained must not cost the diagram.
    except Exception as error:
        log.error("A message could not be explained: %s.", type(error).__name__)
        details.lines = [Explained("", "What this message says could not be explained.", "", False)]
    return details


def _explain_content(
    details: Details,
    arrow: Arrow,
    redact: Callable[[str], str],
    last: dict[tuple[str, str], list[Explained]],
    offers: dict[tuple[str, str], str],
) -> None:
    message = arrow.first
    way, back = (message.sender, message.receiver), (message.receiver, message.sender)
    sdp = message.sdp
    if isinstance(sdp, str):
        details.lines = _explained(redact(sdp))
        if way in last:
            details.changes = _changes(last[way], details.lines)
        last[way] = details.lines
        if message.kind == "offer":
            offers[way] = sdp
        elif back in offers:
            details.outcome = [redact(finding) for finding in _findings(offers[back], sdp)]
    elif message.kind == "ice_candidate":
        for each in arrow.messages:
            text = str((each.content or {}).get("candidate") or "")
            details.lines.extend(_explained(redact(text or "a=end-of-candidates")))


def _way(story: Story, arrow: Arrow) -> Iterator[str]:
    names = {lane.key: lane.name for lane in story.lanes}
    sender, receiver = names[arrow.first.sender], names[arrow.first.receiver]
    yield f"{sender} → relay: {duration(arrow.arrived - arrow.sent)}"
    if arrow.forwarded is not None:
        yield f"at the relay: {duration(arrow.forwarded - arrow.arrived)}"
        if arrow.received is not None and arrow.first.received is not None:
            yield f"relay → {receiver}: {duration(arrow.received - arrow.forwarded)}"


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
