"""The signaling channel between this participant and one other: the twin of ``js/src/signaling/peer-signaling.ts``.

A negotiator only knows this and its RTCPeerConnection, like the ``SignalingChannel`` in the example of W3C webrtc,
section 10.7.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .clock_sync import now
from .negotiation_clock import NegotiationClock

Description = dict[str, str]
Candidate = dict[str, Any]

OnAcknowledge = Callable[[dict[str, Any]], None]
Post = Callable[[str, dict[str, Any], OnAcknowledge], object]


def _ignore(*_given: object) -> None:
    pass


class PeerSignaling:
    """The signaling with one remote participant. Used on one event loop.

    An aiortc connection has all of its candidates in its descriptions, so none are sent separately.

    Parameters
    ----------
    room : str
        The room's name.
    participant : str
        The other participant's id.
    session : str
        The life of theirs that is meant: what is for an earlier one reaches nobody.
    post : callable
        Sends an event and its payload to the relay; takes a callback for the acknowledgement.
    report : callable
        Takes an entry of the report to the room's observers: when a message was sent, and when one was received.
    flush_reports : callable
        Reports at once: whoever sees a description held at the relay sees by then what its sender did to make it.
    clock : NegotiationClock
        The room's, for whatever waits for the other participant.

    Attributes
    ----------
    on_description : callable
        Takes a description and the id of the message that carried it.
    on_candidate : callable
        Takes a candidate, None at the end of candidates, and the id of the message that carried it.
    on_offer_requested : callable
        Called when the other cannot offer, or has made a new connection, and requests an offer.
    """

    def __init__(
        self,
        room: str,
        participant: str,
        *,
        session: str,
        post: Post,
        report: Callable[[dict[str, Any]], None],
        flush_reports: Callable[[], None],
        clock: NegotiationClock,
    ) -> None:
        self.participant, self.clock = participant, clock
        self.on_description: Callable[[Description, str | None], object] = _ignore
        self.on_candidate: Callable[[Candidate | None, str | None], object] = _ignore
        self.on_offer_requested: Callable[[], object] = _ignore
        self._to = {"roomId": room, "to": participant, "session": session}
        self._post, self._report, self._flush_reports = post, report, flush_reports
        # Whoever uses the one event for both types of description is answered with it.
        self._uses_description = False

    def send_description(self, description: Description) -> None:
        """Send an offer or an answer. It is lost when there is no connection to the relay.

        Parameters
        ----------
        description : Description
            ``{"type", "sdp"}``.
        """
        self._flush_reports()
        event = "description" if self._uses_description else description["type"]
        self._send(event, {event: description})

    def request_offer(self) -> None:
        """Ask the other participant for an offer."""
        self._send("request_offer", {})

    def receive(self, event: str, payload: dict[str, Any], at: float) -> None:
        """Handle a message from the other participant.

        Parameters
        ----------
        event, payload : str, dict
            One of `protocol.signaling.SIGNALS`, as the relay forwards it.
        at : float
            When it arrived, milliseconds since the epoch on this process's clock.
        """
        message = payload.get("id")
        step = {"type": "step", "step": "received", "peer": self.participant, "event": event}
        self._report({**step, "message": message, "at": at})
        match event:
            case "offer" | "answer" | "description":
                self._uses_description = event == "description"
                self.on_description(payload[event], message)
            case "ice_candidate":
                self.on_candidate(payload["candidate"], message)
            case "request_offer":
                self.on_offer_requested()

    def _send(self, event: str, content: dict[str, Any]) -> None:
        at = now()

        def on_acknowledge(answer: dict[str, Any]) -> None:
            if answer["ok"]:
                step = {"type": "step", "step": "sent", "peer": self.participant, "event": event}
                self._report({**step, "message": answer.get("id"), "at": at})

        self._post(event, {**self._to, **content}, on_acknowledge)
