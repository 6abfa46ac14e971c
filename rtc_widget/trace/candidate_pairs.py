"""Why the candidate pair that carries a call won over the others, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, Final

from ..runtime.signatures import explained
from ..runtime.text import told_apart
from .events import Event, word
from .messages import Message, lost

if TYPE_CHECKING:
    from .trace import Trace

_DIRECT: Final = "both addresses are the machines' own, which rank highest (RFC 8445, 5.1.2.2)"
_LEARNED: Final = (
    "an address on it was learned from the checks themselves (RFC 8445, 7.3.1.3), as happens behind a NAT, and where a "
    "check arrives before the candidate"
)
_REFLEXIVE: Final = (
    "it uses an address that a STUN server saw from outside (RFC 8445, 5.1.1.2), as is needed through a NAT"
)
_RELAYED: Final = (
    "it goes through a TURN server (RFC 8656): that is what is left where nothing direct works or is allowed"
)

_NOTEBOOK: Final = (
    "No candidate pair carries the media: they go over the notebook's own connection, because ICE has found no way "
    "or was told not to be used."
)

_UNKNOWN: Final = "why is not known, because the type of one of its candidates is not"
# RFC 8445, 6.1.2.6.
_CHECKS: Final = ("frozen", "waiting", "in-progress", "succeeded", "failed")


@explained
def why(subject: Trace | Event) -> str:
    """Explain why a candidate pair won.

    Parameters
    ----------
    subject : Trace or Event
        An event of type "pair", or a trace, whose last such event is used: since somebody has come again, if one has.

    Returns
    -------
    str
        One sentence, with the sections of RFC 8445 that decide it. When the event lists the other pairs, they are
        considered; otherwise only the types of the two candidates. What the trace does not say is said to be unknown.

    Examples
    --------
    >>> why(room.trace.between("Ada", "Bob"))
    'host ↔ host over UDP won: …'
    """
    return _won(subject.data) if isinstance(subject, Event) else why_seen_by(None, subject)


def why_seen_by(participant: str | None, trace: Trace) -> str:
    """Explain why a candidate pair won, as one side calls its two ends: the same address has two types behind some routers.

    Parameters
    ----------
    participant : str or None
        Whose pair is preferred, by id; None for whichever came last.
    trace : Trace
        As of `why`.

    Returns
    -------
    str
        As of `why`.
    """
    again = _came_again(trace)
    pairs = [each for each in trace.filter("pair") if each.time > again]
    last = ([each for each in pairs if each.participant == participant] or pairs)[-1:]
    return _won(last[0].data) if last else _without_pair(trace, again)


def _came_again(trace: Trace) -> float:
    """Return when somebody came last who had left before: what is older is of another connection."""
    left: set[str] = set()
    last = -inf
    for event in trace.filter("join", "leave"):
        if event.type == "leave":
            left.add(event.participant)
        elif event.participant in left:
            last = event.time
    return last


def _without_pair(trace: Trace, again: float) -> str:
    messages = [message for message in trace.messages() if message.arrived > again]
    kept = _kept_at_server(messages)
    states = [
        event.data.get("value")
        for event in trace.filter("state")
        if event.data.get("name") in ("connection_state", "ice_connection_state") and event.time > again
    ]
    # Who comes again has a connection that is new until it says otherwise.
    if not states and again == -inf:
        unknown = "No candidate pair is in this trace, and no state of a connection"
        return f"{unknown}.{kept}" if kept else f"{unknown}: whether anybody is connected is not known."
    if any(state in ("connected", "completed") for state in states):
        return "Which candidate pair is in use is not in this trace, though a connection was made."
    since = (
        " since they met again: nobody is connected"
        if again > -inf
        else ": nobody is connected in this trace"
    )
    # Where messages wait, that nobody is connected says nothing of candidates yet.
    is_held = any(message.waits for message in messages)
    return f"No candidate pair has been selected{since}.{'' if is_held else _unrelayed(trace)}{kept}"


def _kept_at_server(messages: Sequence[Message]) -> str:
    held = sorted({message.kind for message in messages if message.waits})
    waiting = [f"{kind.replace('ice_', '').replace('_', ' ')} held" for kind in held]
    found = ", ".join(filter(None, (*waiting, lost(messages))))
    advice = " room.step() or room.resume() lets what is held go on." if held else ""
    return f" At the signaling server: {found}.{advice}" if found else ""


def _unrelayed(trace: Trace) -> str:
    """Say who has looked for addresses to the end without a TURN server's among them."""
    gathered: dict[str, set[Any]] = {}
    for event in trace.filter("gathered"):
        gathered.setdefault(event.participant, set()).add(event.data.get("kind"))
    without = [
        trace.name_of(key) for key, kinds in gathered.items() if None in kinds and "relay" not in kinds
    ]
    if not without:
        return ""
    return (
        f" No relay candidate came at {' and '.join(told_apart(without))}: no TURN server is named there, or it has "
        "given none, as one does that refuses the credentials (RFC 8656, 7.2); doctor() tries each."
    )


def _won(data: Mapping[str, Any]) -> str:
    if data.get("protocol") == "notebook":
        return _NOTEBOOK
    protocol = f" over {word(data['protocol']).upper()}" if data.get("protocol") else ""
    name = f"{word(data.get('local'))} ↔ {word(data.get('remote'))}{protocol}"
    return f"{name} won: {_kind(data)}{_others(data)}."


def _kind(data: Mapping[str, Any]) -> str:
    kinds = {word(data.get("local")), word(data.get("remote"))}
    if "relay" in kinds:
        return _RELAYED
    if "srflx" in kinds:
        return _REFLEXIVE
    if not kinds <= {"host", "prflx"}:
        return _UNKNOWN
    return _LEARNED if "prflx" in kinds else _DIRECT


def _others(data: Mapping[str, Any]) -> str:
    listed = data.get("pairs")
    pairs = [pair for pair in listed if isinstance(pair, Mapping)] if isinstance(listed, list | tuple) else []
    worked = [pair for pair in pairs if pair.get("state") == "succeeded"]
    won = next((pair for pair in worked if pair.get("selected") or _is_it(pair, data)), None)
    # What is not known of the others cannot be why they lost.
    if won is None or any(word(pair.get("state")) not in _CHECKS for pair in pairs):
        return ""
    # Long lists are cut; the counts include all pairs.
    number, well = (
        count if isinstance(count := data.get(key), int) else len(known)
        for key, known in (("checked", pairs), ("succeeded", worked))
    )
    if number == 1:
        # One that waits, is frozen, or of a candidate that is still to come may be checked in a moment (RFC 8445, 6.1.2.6).
        return ", and no other pair had been checked by then"
    if well == 1:
        return f", and of {number} pairs that were checked it is the only one whose checks succeeded (RFC 8445, 7.2.5.3)"
    ranks = [_priority(pair) for pair in worked]
    own = _priority(won)
    if own is None or any(rank is None for rank in ranks):
        return f", and the controlling side nominated it from {well} pairs that worked (RFC 8445, 8.1.1)"
    if own >= max(rank for rank in ranks if rank is not None):
        return f", and of {well} pairs that worked none has a higher priority (RFC 8445, 6.1.2.3)"
    return (
        f"; a pair of higher priority worked too, but the controlling side may nominate any that does, "
        f"and took this one{_speed(won, worked)} (RFC 8445, 8.1.1)"
    )


def _is_it(pair: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    return bool(pair.get("nominated")) and all(
        pair.get(key) == data.get(key) for key in ("local", "remote", "protocol")
    )


def _priority(pair: Mapping[str, Any]) -> int | None:
    """Compute a pair's priority, but for the last bit, which depends on who is controlling (RFC 8445, 6.1.2.3)."""
    one, other = pair.get("local_priority"), pair.get("remote_priority")
    if not isinstance(one, int) or not isinstance(other, int):
        return None
    return (min(one, other) << 32) + 2 * max(one, other)


def _speed(won: Mapping[str, Any], worked: list[Mapping[str, Any]]) -> str:
    times = [pair["rtt"] for pair in worked if isinstance(pair.get("rtt"), int | float)]
    own = won.get("rtt")
    if isinstance(own, int | float) and len(times) > 1 and own <= min(times):
        return f", with {own:.0f} ms there and back the fastest"
    return ""
