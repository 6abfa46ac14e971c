"""What the terms in a trace mean, a sentence each; section numbers are those of the W3C's WebRTC recommendation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STATES: Final[Mapping[str, Mapping[str, str]]] = {
    "signaling_state": {
        "stable": "No offer is pending: nothing has been negotiated yet, or the last negotiation is complete (4.3.1).",
        "have-local-offer": "This side has made an offer, and waits for the answer.",
        "have-remote-offer": "This side has received an offer, and owes the answer.",
        "have-local-pranswer": "This side has given a provisional answer, and owes the final one.",
        "have-remote-pranswer": "This side has received a provisional answer, and waits for the final one.",
        "closed": "The connection has been closed on this side.",
    },
    "ice_gathering_state": {
        "new": "This side has not begun to look for addresses of its own (4.3.2).",
        "gathering": "This side is finding out under which addresses it may be reached.",
        "complete": "This side knows all of its addresses.",
    },
    "ice_connection_state": {
        "new": "No candidate of the other side is known, so nothing can be checked (4.3.4).",
        "checking": "Pairs of candidates are tried, and none has worked yet.",
        "connected": "A pair works; better ones may still be found.",
        "completed": "A pair works, and there is nothing more to try.",
        "disconnected": "The pair in use has stopped answering; it may come back by itself.",
        "failed": "No pair works any more: only an ICE restart, or a new connection, helps.",
        "closed": "The connection has been closed on this side.",
    },
    "connection_state": {
        "new": "Nothing has begun (4.3.3).",
        "connecting": "ICE is looking for a path, or DTLS is agreeing on keys.",
        "connected": "There is a path, and it is encrypted: video, audio and messages can flow.",
        "disconnected": "The path has been lost; it may come back by itself.",
        "failed": "There is no path, or no encryption.",
        "closed": "The connection has been closed on this side.",
    },
}
"""The four state machines of an RTCPeerConnection, by the names that a trace has for them."""

EVENTS: Final[Mapping[str, str]] = {
    "negotiationneeded": "What this side wants to send has changed, so the two have to negotiate again (4.7.3).",
    "createOffer": "This side writes down what it would send and could take.",
    "createAnswer": "This side writes down what it takes of an offer.",
    "setLocalDescription": "From now on this side goes by its own description, and begins to look for addresses.",
    "setRemoteDescription": "From now on this side goes by what the other one has described.",
    "rollback": "This side has taken its own offer back, to answer the other one's (4.4.1.5).",
    "ignored": "It came at a moment at which it could not be used, and was left aside on purpose.",
    "gathered": "This side has found addresses under which it may be reached.",
    "queued": "A candidate came before the description that it belongs to, and waits for it.",
    "added": "The other side's addresses are known, and are tried.",
    "refused": "The browser could not use the candidate.",
    "discarded": "A candidate will never be used: what it belongs to is gone.",
    "restartIce": "This side wants new addresses on both sides, and another search.",
    "failed": "The operation was refused; the connection is as it was before.",
    "track": "The other side's description says that it will send sound or pictures here.",
    "channel": "A data channel carries messages, encrypted, from one side to the other.",
    "pair": "The two addresses that are used, one of each side.",
    "media": "Somebody has turned a source on or off, and has told everybody.",
    "away": "The path to the signaling server is lost; video and audio may go on.",
    "back": "The path to the signaling server is back.",
    "error": "Something went wrong, and was told to whom it concerns.",
}
"""What participants do and what happens to them, by the types of a trace's events."""
