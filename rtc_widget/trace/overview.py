"""Who is connected to whom: a room at one glance, made from its trace, its measurements and what is held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from math import inf
from typing import Any, Final

from ..errors import UnknownParticipantError
from ..runtime.text import told_apart
from .messages import Message, lost
from .naming import Stay, stays
from .trace import Trace

# The last is no candidate: the path that media take where no pair carries them.
_TYPES: Final = ("relay", "srflx", "prflx", "host", "notebook")
_KINDS: Final = {"ice_candidate": "candidate", "request_offer": "request"}


@dataclass(slots=True)
class Link:
    """A connection as the participant at one end of it reports it.

    Attributes
    ----------
    sender, to : str
        Names: the participant who reports it, and the other end.
    connection_state, signaling_state : str
        The W3C's strings.
    candidate_type : str or None
        "host", "srflx", "prflx" or "relay": of the two ends' candidates the one that is further from the machine.
    protocol : str or None
        "udp" or "tcp".
    bitrate : float or None
        Of what is sent, bit/s.
    rtt : float or None
        Round-trip time, ms.
    loss : float or None
        Share of packets that the other end misses, 0 to 1.
    held : tuple of str
        Kinds of the messages that wait at the signaling server on their way to the other end.
    why : str
        Why it is not connected, as far as the trace tells; empty when it is.
    """

    sender: str
    to: str
    connection_state: str = "new"
    signaling_state: str = "stable"
    candidate_type: str | None = None
    protocol: str | None = None
    bitrate: float | None = None
    rtt: float | None = None
    loss: float | None = None
    held: tuple[str, ...] = ()
    why: str = ""

    @property
    def heading(self) -> str:
        """What stands first in its cell."""
        if self.held:
            return f"held {len(self.held)}"
        if self.connection_state == "connected":
            return f"✓ {self.candidate_type or 'connected'}"
        sign = {"failed": "✕ ", "closed": ""}.get(self.connection_state, "… ")
        return f"{sign}{self.connection_state}"

    @property
    def details(self) -> str:
        """What stands below."""
        if self.held:
            counted = Counter(_KINDS.get(kind, kind) for kind in self.held)
            return ", ".join(kind if count == 1 else f"{count} {kind}s" for kind, count in counted.items())
        if self.connection_state != "connected":
            return self.why or self.signaling_state
        figures = [
            None if self.bitrate is None else f"{self.bitrate / 1000:.0f} kbit/s",
            None if self.rtt is None else f"{self.rtt:.0f} ms",
            None if not self.loss or self.loss < 0.005 else f"{self.loss:.0%} lost",
        ]
        return " · ".join(each for each in figures if each is not None)

    def __repr__(self) -> str:
        return f"<{self.sender} → {self.to}: {self.heading}{f', {self.details}' if self.details else ''}>"


@dataclass(frozen=True)
class Overview:
    """All connections of a room: a table with a row for each who sends, and a column for each who receives.

    Attributes
    ----------
    names : tuple of str
        Who is in the room, in order of arrival; who has another's name has a number behind it.
    links : mapping
        The connections, by the names of both ends.
    people : tuple of (str, str)
        Id and kind of client of each of ``names``.

    Examples
    --------
    >>> room.overview()["Ada", "Bob"].connection_state
    'connected'
    """

    names: tuple[str, ...]
    links: Mapping[tuple[str, str], Link] = field(repr=False)
    people: tuple[tuple[str, str], ...] = field(repr=False, compare=False)
    # Of what it is, for the diagrams that its cells open.
    _trace: Trace = field(repr=False, compare=False)

    def __getitem__(self, ends: tuple[str, str]) -> Link:
        """Return the connection from one to another.

        Parameters
        ----------
        ends : (str, str)
            Names.

        Returns
        -------
        Link
            The connection.

        Raises
        ------
        UnknownParticipantError
            A `KeyError` that says who is in the room.
        """
        if ends not in self.links:
            names = ", ".join(map(repr, self.names)) or "nobody"
            msg = f"There is no connection {ends!r}: it is named by who reports it and the other end. In the room: {names}."
            raise UnknownParticipantError(msg)
        return self.links[ends]

    def __repr__(self) -> str:
        if len(self.names) < 2:
            return f"<{'nobody' if not self.names else f'only {self.names[0]}'} in the room>"
        rows = [(f"{one} → {other}", link.heading, link.details) for (one, other), link in self.links.items()]
        widths = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
        return "\n".join(
            f"{ends:{widths[0]}}  {heading:{widths[1]}}  {details}".rstrip()
            for ends, heading, details in rows
        )

    def _repr_html_(self) -> str:
        if len(self.names) < 2:
            text = repr(self)[1:-1]
            return f'<p dir="ltr">{escape(text[0].upper() + text[1:])}.</p>'
        return self._trace.diagram().overview_page(self)


def overview(
    trace: Trace, stats: Trace, held: Iterable[tuple[str, str, str]], *, everybody: bool = False
) -> Overview:
    """Put a room's overview together.

    Parameters
    ----------
    trace : Trace
        What has happened.
    stats : Trace
        What was measured.
    held : iterable of (str, str, str)
        Sender's id, receiver's id and kind of each message that waits.
    everybody : bool
        Whether those are in it, too, who have left or never joined: a trace may be of a part of a call.

    Returns
    -------
    Overview
        Of those who are in the room.
    """
    here = _present(trace)
    keys = [*(trace.participants if everybody else here)]
    names = dict(zip(keys, told_apart([trace.name_of(key) for key in keys]), strict=True))
    # Who had left before another came has no connection with them, not even one that failed.
    there = stays(trace) if everybody else {}
    links = {
        (one, other): Link(names[one], names[other])
        for one in names
        for other in names
        if one != other and there.get(one, Stay()).meets(there.get(other, Stay()))
    }
    reported = _apply_events(links, trace)
    _apply_figures(links, stats)
    for sender, receiver, kind in held:
        if (sender, receiver) in links:
            links[sender, receiver].held += (kind,)
    left = {event.participant for event in trace.filter("leave")} - here.keys()
    between = _Messages(trace)
    for (one, other), link in links.items():
        gone = [names[key] for key in (one, other) if key in left]
        if gone:
            link.connection_state = link.signaling_state = "closed"
            link.why = f"{' and '.join(gone)} {'has' if len(gone) == 1 else 'have'} left"
        elif (one, other) not in reported and links[other, one].connection_state == "connected":
            link.why = f"{link.sender} reports nothing"
        elif link.connection_state != "connected":
            link.why = _why_not(between, one, other, link)
    kinds = {event.participant: str(event.data.get("kind", "")) for event in trace.filter("join")}
    people = tuple((key, kinds.get(key, "")) for key in names)
    return Overview(
        tuple(names.values()), {(link.sender, link.to): link for link in links.values()}, people, trace
    )


def held_in(trace: Trace) -> list[tuple[str, str, str]]:
    """Return the messages that wait at the end of a trace, as `overview` takes them.

    Parameters
    ----------
    trace : Trace
        The trace.

    Returns
    -------
    list of (str, str, str)
        Sender's id, receiver's id and kind of each.
    """
    return [(each.sender, each.receiver, each.kind) for each in trace.messages() if each.waits]


def _apply_events(links: Mapping[tuple[str, str], Link], trace: Trace) -> set[tuple[str, str]]:
    """Set states and candidate types; return which connections have been reported of at all."""
    reported: set[tuple[str, str]] = set()
    for event in trace:
        if event.type == "leave":
            # Who comes again may have the same id, and has new connections.
            for both, ended in links.items():
                if event.participant in both:
                    reported.discard(both)
                    ended.connection_state, ended.signaling_state = "new", "stable"
                    ended.candidate_type = ended.protocol = None
            continue
        ends = event.participant, str(event.peer)
        link = links.get(ends)
        if link is None:
            continue
        if event.type == "state" and event.data.get("name") in ("connection_state", "signaling_state"):
            setattr(link, event.data["name"], str(event.data.get("value")))
            reported.add(ends)
        elif event.type == "pair":
            kinds = event.data.get("local"), event.data.get("remote")
            link.candidate_type = next((kind for kind in _TYPES if kind in kinds), None)
            link.protocol = str(event.data.get("protocol") or "") or None
    return reported


def _apply_figures(links: Mapping[tuple[str, str], Link], stats: Trace) -> None:
    for event in stats:
        one, other = event.participant, str(event.peer)
        link, back = links.get((one, other)), links.get((other, one))
        if link is not None and back is not None:
            link.bitrate, link.rtt = _number(event.data, "sent_bitrate"), _number(event.data, "rtt")
            # Who receives knows what is missing.
            back.loss = _number(event.data, "loss")


def _number(data: Mapping[str, Any], key: str) -> float | None:
    value = data.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _present(trace: Trace) -> dict[str, None]:
    """Return the ids of those who are in the room, in order of arrival."""
    present: dict[str, None] = {}
    for event in trace.filter("join", "leave"):
        if event.type == "leave":
            present.pop(event.participant, None)
        else:
            present[event.participant] = None
    return present


class _Messages:
    """What has become of the messages of the connection between two participants; put together when it is first asked for."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        # What was said before somebody left is of another connection.
        self._left = {event.participant: event.time for event in trace.filter("leave")}

    @cached_property
    def _by_pair(self) -> dict[frozenset[str], list[Message]]:
        pairs: dict[frozenset[str], list[Message]] = {}
        for message in self._trace.messages():
            ends = message.sender, message.receiver
            if all(message.arrived > self._left.get(key, -inf) for key in ends):
                pairs.setdefault(frozenset(ends), []).append(message)
        return pairs

    def between(self, one: str, other: str) -> list[Message]:
        return self._by_pair.get(frozenset((one, other)), [])


def _why_not(messages: _Messages, one: str, other: str, link: Link) -> str:
    """Say what is missing for a connection, as far as the messages tell."""
    between = messages.between(one, other)
    if found := lost(between):
        return found
    if link.connection_state in ("new", "closed") and link.signaling_state in ("stable", "closed"):
        return ""
    arrived = {each.kind for each in between if each.received is not None}
    if "offer" not in arrived:
        return "no offer has arrived"
    if "answer" not in arrived:
        return "no answer has arrived"
    return "no candidate pair worked" if link.connection_state == "failed" else link.signaling_state
