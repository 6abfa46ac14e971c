"""Who is connected to whom: a room at one glance, made from its trace, its measurements and what is held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

from .trace import Trace

_TYPES: Final = ("relay", "srflx", "prflx", "host")
_KINDS: Final = {"ice_candidate": "candidate", "request_offer": "request"}
# Readable on light and on dark: a veil of colour under the page's own text.
_COLOURS: Final = {
    "connected": "46,160,67,.16",
    "failed": "207,34,46,.18",
    "held": "210,153,34,.24",
    "under way": "9,105,218,.14",
    "nothing": "128,128,128,.10",
}
_CELL: Final = "text-align:left;vertical-align:top;padding:6px 8px;border-radius:6px;min-width:6em"


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
        return (
            f"✕ {self.connection_state}"
            if self.connection_state == "failed"
            else f"… {self.connection_state}"
        )

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

    @property
    def _colour(self) -> str:
        if self.held:
            return "held"
        if self.connection_state in ("connected", "failed"):
            return self.connection_state
        return "nothing" if self.connection_state in ("new", "closed") else "under way"


@dataclass(frozen=True)
class Overview:
    """All connections of a room: a table with a row for each who sends, and a column for each who receives.

    Attributes
    ----------
    names : tuple of str
        Who is in the room, in order of arrival; who has another's name has a number behind it.
    links : mapping
        The connections, by the names of both ends.

    Examples
    --------
    >>> room.overview()["Ada", "Bob"].connection_state
    'connected'
    """

    names: tuple[str, ...]
    links: Mapping[tuple[str, str], Link] = field(repr=False)

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
        """
        return self.links[ends]

    def __repr__(self) -> str:
        if len(self.names) < 2:
            return f"<{'nobody' if not self.names else f'only {self.names[0]}'} in the room>"
        rows = [(f"{one} → {other}", link.heading, link.details) for (one, other), link in self.links.items()]
        widths = [max(len(row[column]) for row in rows) for column in range(2)]
        return "\n".join(
            f"{ends:{widths[0]}}  {heading:{widths[1]}}  {details}".rstrip()
            for ends, heading, details in rows
        )

    def _repr_html_(self) -> str:
        if len(self.names) < 2:
            text = repr(self)[1:-1]
            return f"<p>{escape(text[0].upper() + text[1:])}.</p>"
        head = "".join(
            f'<th scope="col" style="text-align:left">→ {escape(name)}</th>' for name in self.names
        )
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{escape(one)}</th>'
            f"{''.join(self._cell(one, other) for other in self.names)}</tr>"
            for one in self.names
        )
        return (
            '<table style="border-collapse:separate;border-spacing:3px"><caption style="text-align:left">Who is connected '
            f"to whom: each row sends to the columns</caption><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )

    def _cell(self, one: str, other: str) -> str:
        link = self.links.get((one, other))
        if link is None:
            return f'<td style="background:rgba({_COLOURS["nothing"]});border-radius:6px"></td>'
        return (
            f'<td style="background:rgba({_COLOURS[link._colour]});{_CELL}"><b>{escape(link.heading)}</b><br>'
            f'<span style="font-size:smaller">{escape(link.details)}</span></td>'
        )


def overview(trace: Trace, stats: Trace, held: Iterable[tuple[str, str, str]]) -> Overview:
    """Put a room's overview together.

    Parameters
    ----------
    trace : Trace
        What has happened.
    stats : Trace
        What was measured.
    held : iterable of (str, str, str)
        Sender's id, receiver's id and kind of each message that waits.

    Returns
    -------
    Overview
        Of those who are in the room.
    """
    names = _present(trace)
    links = {(one, other): Link(names[one], names[other]) for one in names for other in names if one != other}
    for event in trace:
        link = links.get((event.participant, str(event.peer)))
        if link is None:
            continue
        if event.type == "state" and event.data.get("name") in ("connection_state", "signaling_state"):
            setattr(link, event.data["name"], str(event.data.get("value")))
        elif event.type == "pair":
            ends = event.data.get("local"), event.data.get("remote")
            link.candidate_type = next((kind for kind in _TYPES if kind in ends), None)
            link.protocol = str(event.data.get("protocol") or "") or None
    for event in stats:
        link, back = (links.get(ends) for ends in _both(event.participant, str(event.peer)))
        if link is not None and back is not None:
            link.bitrate, link.rtt = _number(event.data, "sent_bitrate"), _number(event.data, "rtt")
            back.loss = _number(event.data, "loss")
    for sender, receiver, kind in held:
        if (sender, receiver) in links:
            links[sender, receiver].held += (kind,)
    for (one, other), link in links.items():
        if link.connection_state != "connected":
            link.why = _why_not(trace, one, other, link)
    return Overview(tuple(names.values()), {(link.sender, link.to): link for link in links.values()})


def _both(one: str, other: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (one, other), (other, one)


def _number(data: Mapping[str, Any], key: str) -> float | None:
    value = data.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _present(trace: Trace) -> dict[str, str]:
    """Return who is in the room, by id; equal names get numbers."""
    present: dict[str, str] = {}
    for event in trace.filter("join", "leave"):
        if event.type == "leave":
            present.pop(event.participant, None)
        else:
            present[event.participant] = trace.name_of(event.participant)
    counted: Counter[str] = Counter()
    for key, name in present.items():
        counted[name] += 1
        present[key] = name if counted[name] == 1 else f"{name} ({counted[name]})"
    return present


def _why_not(trace: Trace, one: str, other: str, link: Link) -> str:
    """Say what is missing for a connection, as far as the messages tell."""
    if link.connection_state in ("new", "closed") and link.signaling_state in ("stable", "closed"):
        return ""
    messages = [each for each in trace.messages() if {each.sender, each.receiver} == {one, other}]
    arrived = {each.kind for each in messages if each.received is not None}
    lost = sorted(
        {f"{each.kind} {fate}" for each in messages for fate in each.fate if fate in ("dropped", "corrupted")}
    )
    if lost:
        return ", ".join(lost).replace("ice_candidate", "candidate").replace("_", " ")
    if "offer" not in arrived:
        return "no offer has arrived"
    if "answer" not in arrived:
        return "no answer has arrived"
    return "no candidate pair worked" if link.connection_state == "failed" else link.signaling_state
