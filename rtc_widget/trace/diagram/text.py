"""The diagram as text: for a terminal, and for those who do not see the drawing."""

from __future__ import annotations

from collections.abc import Iterator

from ..glare import end_of
from .parts import MACHINES, Arrow, Fold, Note, Story, Tick


def duration(seconds: float) -> str:
    """Format a time span.

    Parameters
    ----------
    seconds : float
        The time span.

    Returns
    -------
    str
        Such as "3.2 ms" or "1.5 s".
    """
    if seconds < 0.00095:
        return f"{seconds * 1000:.2f} ms"
    if seconds < 0.1:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def about(story: Story, arrow: Arrow) -> str:
    """Describe an arrow in a sentence.

    Parameters
    ----------
    story : Story
        Has the names.
    arrow : Arrow
        The arrow.

    Returns
    -------
    str
        A sentence without a full stop.
    """
    names = {lane.key: lane.name for lane in story.lanes}
    sender, receiver = names[arrow.first.sender], names[arrow.first.receiver]
    words = [f"{arrow.label} from {sender} to {receiver}"]
    if arrow.received is not None or arrow.forwarded is not None:
        words.append(f"{duration(max(0.0, end_of(arrow.first) - arrow.sent))} on its way")
    elif "dropped" not in arrow.first.fate:
        words.append("still at the relay")
    words.extend(arrow.marks)
    if arrow.glare:
        words.append("glare: it crossed an offer of the other side")
    if arrow.outcome:
        words.append(arrow.outcome)
    if arrow.waits:
        words.append(arrow.waits)
    return ", ".join(words)


def story_text(story: Story) -> str:
    """Return the whole diagram as text, one line per event, in the order of time.

    Parameters
    ----------
    story : Story
        The story.

    Returns
    -------
    str
        Lines.
    """
    return "\n".join(text for _, text in sorted(_lines(story), key=lambda line: line[0]))


def _lines(story: Story) -> Iterator[tuple[float, str]]:
    names = {lane.key: lane.name for lane in story.lanes}

    def line(time: float, text: str) -> tuple[float, str]:
        return time, f"{(time - story.start) * 1000:8.1f} ms  {text}"

    for lane in story.lanes:
        kind = f" ({lane.kind})" if lane.kind else ""
        if lane.begins is not None:
            yield line(lane.begins, f"{lane.name}{kind} joined")
        if lane.ends is not None:
            yield line(lane.ends, f"{lane.name} left")
        several = len({bar.peer for bar in lane.bars}) > 1
        for bar in lane.bars:
            whose = f" with {names[bar.peer]}" if several and bar.peer in names else ""
            for time, value in bar.changes:
                yield line(time, f"{lane.name}: {MACHINES[bar.machine]}{whose} is {value}")
    for part in story.parts:
        match part:
            case Arrow():
                yield line(part.sent, about(story, part))
            case Tick():
                yield line(
                    part.time, f"{names[part.lane]}: {part.text}{f'. {part.more}' if part.more else ''}"
                )
            case Note():
                yield line(part.time, part.text)
            case Fold():
                yield line(part.time, part.text)
    for caveat in story.caveats:
        yield float("inf"), caveat
