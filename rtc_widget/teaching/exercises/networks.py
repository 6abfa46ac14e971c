"""The exercises of the tenth to twelfth lesson: through routers, changing a call, and how much of it there is."""

from __future__ import annotations

from typing import Any, Final

from ...trace.messages import Message
from ...trace.sdp.candidate_type import candidate_type
from ...trace.sdp.sections import Section, sections_of_description
from .own_words import yes_or_no
from .predictions import judge_number
from .requirement import Given, NotSo, Requirement
from .seen import is_given, is_here, judge_connected, messages
from .who_is_meant import together

# -- 10: through the router


def _pair(room: Any) -> set[str] | None:
    """Return the types of the candidates that Cy and Di use, as either of them has reported last."""
    pairs = together(room, "Cy", "Di").filter("pair")
    return {pairs[-1].data["local"], pairs[-1].data["remote"]} if len(pairs) else None


def _goes_through_turn(room: Any, _given: Given) -> object:
    kinds = _pair(room)
    if kinds is None:
        return False
    if "relay" in kinds:
        return True
    if "srflx" in kinds:
        return NotSo(
            "They have met at the addresses that the STUN server saw: these routers let that through. "
            'Close both, and take HomeRouters("address-and-port-dependent").'
        )
    return NotSo(
        "They have met without any router between them: take the host candidates away before Cy and Di join."
    )


def _with_stun_alone(_room: Any, given: Given) -> object:
    if not is_given(given, "stun"):
        return False
    are_connected = yes_or_no(given["stun"])
    if are_connected is False:
        return True
    if are_connected:
        return NotSo(
            "The STUN server saw an address that these routers keep for the STUN server alone: what does the other one's "
            "router do with a check that goes there?"
        )
    return NotSo('Are they connected in the end? "yes" or "no".')


def _types(message: Message) -> set[str]:
    """Return the types of the candidates in a message; a Peer has them in its descriptions."""
    lines = [str((message.content or {}).get("candidate")), *(message.sdp or "").splitlines()]
    return {candidate_type(line) for line in lines if "candidate:" in line}


def _has_no_direct_way(room: Any, _given: Given) -> object:
    connected = judge_connected(room, "Cy", "Di")
    if isinstance(connected, NotSo):
        return connected
    sent = together(room, "Cy", "Di").messages()
    if any("host" in _types(each) for each in sent if each.forwarded is not None):
        return NotSo(
            "Host candidates have gone from one to the other: the fault must be there before they join."
        )
    return connected


def _relay_priority(_room: Any, given: Given) -> object:
    return judge_number(
        given,
        16_777_215,
        (
            (2_130_706_431, "That is the priority of a host candidate: its type preference is 126."),
            (1_694_498_815, "That is the priority of a srflx candidate: its type preference is 100."),
            (1_862_270_975, "That is the priority of a prflx candidate: its type preference is 110."),
            (0, "The type preference is 0, and that is only the first of three terms."),
            (16_777_216, "The component is 1, so the last term is 256 - 1."),
            (16_776_960, "The last term is missing: 256 minus the component."),
            (255, "The local preference is missing: 65535, times 2⁸."),
        ),
        "Look it up: the table of types above has a relay candidate's type preference; all three terms of the formula count.",
    )


# -- 11: changing a call


def _offers(room: Any) -> list[list[Section]]:
    """Return the m-lines of each of Bob's offers to Ada."""
    found = messages(room, "offer", sender="Bob", to="Ada")
    return [sections_of_description(message.sdp) for message in found if message.sdp]


def _screens(room: Any) -> set[int]:
    """Return the places of Bob's screens among those m-lines, beyond the three that every call has."""
    return {
        place
        for sections in _offers(room)
        for place, section in enumerate(sections)
        if place > 2 and section.direction == "sendonly"
    }


def _has_shared(room: Any, _given: Given) -> object:
    return len(_screens(room)) > 0


def _has_stopped(room: Any, _given: Given) -> object:
    screens = _screens(room)
    now = [section.direction for place, section in enumerate(_offers(room)[-1]) if place in screens]
    return len(now) > 0 and set(now) == {"inactive"}


def _line_count(room: Any, given: Given) -> object:
    if not _has_stopped(room, {}):
        return False
    count = len(_offers(room)[-1])
    return judge_number(
        given,
        count,
        (
            (3, "Three are in every first offer of ours. What has been added since stays."),
            (
                count - 1,
                "Nothing was taken out: an m-line keeps its place for ever, also when nothing is sent. addTrack() could take "
                "one that has been free since; sharing a screen is addTransceiver() here.",
            ),
            (count + 1, "To stop adds none: the direction of an m-line that is there changes."),
        ),
        "Count the lines that begin with m= in Bob's last offer.",
        key="mlines",
        unit="m-lines",
    )


# -- 12: how much of it


def _mesh(_room: Any, given: Given) -> object:
    return judge_number(
        given,
        8.4,
        (
            (9.6, "Nobody sends anything to themselves."),
            (
                33.6,
                "That is what crosses all 28 connections in one direction. What does one participant send?",
            ),
            (67.2, "That is what everybody sends together. What does one participant send?"),
            (1.2, "That is for one receiver: in a mesh, each receiver gets a copy of their own."),
        ),
        "In a mesh, one participant sends a copy to each of the other seven.",
        key="mesh",
        near=0.01,
        unit="Mbit/s",
    )


def _sfu(_room: Any, given: Given) -> object:
    return judge_number(
        given,
        1.2,
        (
            (
                8.4,
                "That is what comes down to each of them. How much has to go up, when the server makes the copies?",
            ),
            (
                9.6,
                "Between a participant and the server there is one connection, and the others' videos come down.",
            ),
        ),
        "The server forwards: how often does a participant have to send the same video to it?",
        key="sfu",
        near=0.01,
        unit="Mbit/s",
    )


def _after_loss(_room: Any, given: Given) -> object:
    return judge_number(
        given,
        900,
        (
            (800, "The estimate goes down by half of the share that was lost, not by all of it."),
            (500, "A fifth was lost, not everything: the factor is 1 - 0.5 · 0.2."),
            (1050, "So much is lost that the estimate does not grow."),
            (1000, "It stays as it is only while the loss is between 2 % and 10 %."),
        ),
        "Put a loss of 0.2 into the rule for more than 10 %.",
        near=0.001,
        unit="kbit/s",
    )


NETWORKS: Final[dict[str, tuple[Requirement, ...]]] = {
    "10.1": (
        Requirement(
            "Your prediction for STUN alone is right.",
            'check("10.1", cy, stun=…): "yes" if they are connected then, "no" if they are not.',
            _with_stun_alone,
            asks="stun",
        ),
        Requirement(
            "Cy and Di have joined.",
            "Two more RoomWidgets in one room, named Cy and Di, each with ice_servers= of your routers; where that is not Ada's "
            'room, check is given one of theirs: check("10.1", cy).',
            lambda room, _: is_here(room, "Cy") and is_here(room, "Di"),
        ),
        Requirement(
            "They are connected, and no host candidate has gone from one to the other.",
            "They need a moment to connect, and STUN alone does not bring it about where each destination gets another "
            'address. The fault is cy.fault.no_candidates("host") or cy.fault.turn_only(), before they join.',
            _has_no_direct_way,
        ),
        Requirement(
            "What they say goes through the TURN server.",
            "Behind these routers no other way is left, if the TURN server is among the ice_servers of both.",
            _goes_through_turn,
        ),
    ),
    "10.2": (
        Requirement(
            "Your priority for the relay candidate is right.",
            'check("10.2", ada, answer=…): 2²⁴ · type preference + 2⁸ · local preference + (256 - component).',
            _relay_priority,
            asks="answer",
        ),
    ),
    "11.1": (
        Requirement(
            "Bob has shared a screen.",
            "bob.share_screen(pattern=True), and a moment for the offer before he stops: negotiated, as in the cells above.",
            _has_shared,
        ),
        Requirement(
            "He has stopped, which is an offer again.",
            "share_screen(False) changes the direction of that m-line.",
            _has_stopped,
        ),
        Requirement(
            "Your number of m-lines in that last offer is right.",
            'check("11.1", ada, mlines=…): what becomes of an m-line on which nothing is sent any more?',
            _line_count,
            asks="mlines",
        ),
    ),
    "12.1": (
        Requirement(
            "Your figure for what each of the eight sends in a mesh is right.",
            'check("12.1", ada, mesh=…, sfu=…), in Mbit/s.',
            _mesh,
            asks="mesh",
        ),
        Requirement(
            "So is the one for what each of them sends with an SFU.",
            "The server makes the copies.",
            _sfu,
            asks="sfu",
        ),
    ),
    "12.2": (
        Requirement(
            "Your next estimate is right.",
            'check("12.2", ada, answer=…), in kbit/s: a fifth of the packets was lost.',
            _after_loss,
            asks="answer",
        ),
    ),
}
"""Exercises 10.1 to 12.2."""
