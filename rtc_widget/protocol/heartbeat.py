"""What a kernel says of itself over the comm: that it lives, where the relay is, and which tab is invited."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Invitation(TypedDict):
    """Admits one tab that joins by itself.

    Attributes
    ----------
    key : str
        Names the invitation, so that a tab tries it once.
    token : str
        A single-use token.
    session : str or None
        The Jupyter client that ran the cell, where the kernel knows it.
    now : bool
        Join even before the widget is shown, because Python waits for the call.
    client : str or None
        The front end that has asked for the call, and is meant alone.
    """

    key: str
    token: str
    session: str | None
    now: bool
    client: str | None


class Proof(TypedDict):
    """What a relay is to answer, so that nothing secret is sent to another program on its port.

    Attributes
    ----------
    challenge : str
        New in every heartbeat.
    answer : str
        What the relay answers, which only it and the kernel can compute.
    """

    challenge: str
    answer: str


class Heartbeat(TypedDict):
    """What the kernel says every two seconds, also while a cell runs: where the relay is, and a token for the room.

    Attributes
    ----------
    joined : bool
        Whether a tab of this widget is in the room.
    proof : Proof
        Where the relay is this machine's own, whose port another program could take.
    originTokens : dict of str
        For each origin of pages that have said hello, what those show the relay; absent where the kernel cannot vouch for them.
    peers : list of str
        Ids of this kernel's Peers in the room, which a page may reach by a media channel; absent where it is to use none.
    """

    kind: Literal["heartbeat"]
    relay: str
    local: bool
    owner: str
    token: str
    iceServers: list[dict[str, Any]]
    joined: bool
    proof: NotRequired[Proof]
    originTokens: NotRequired[dict[str, str]]
    peers: NotRequired[list[str]]
    invitation: NotRequired[Invitation]


class Expect(TypedDict):
    """The answer to a hello that comes before there is a relay: who is meant may show its camera, and will be invited.

    Attributes
    ----------
    session : str
        The Jupyter client that ran the cell.
    """

    kind: Literal["expect"]
    session: str
