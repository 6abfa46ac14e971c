"""What a participant and the connection to it look like from Python: traits that follow the call.

The observer thread is the only writer, so an `observe` callback runs there; reading is fine from any thread.
"""

from __future__ import annotations

from typing import overload

from traitlets import Bool, Dict, Enum, HasTraits, Unicode

from ..errors import InvalidArgumentError

CONNECTION_STATES = ("new", "connecting", "connected", "disconnected", "failed", "closed")
ICE_CONNECTION_STATES = ("new", "checking", "connected", "completed", "disconnected", "failed", "closed")
ICE_GATHERING_STATES = ("new", "gathering", "complete")
SIGNALING_STATES = (
    "stable",
    "have-local-offer",
    "have-remote-offer",
    "have-local-pranswer",
    "have-remote-pranswer",
    "closed",
)


class Participant(HasTraits):
    """Somebody in the room, and this widget's connection to them.

    All traits are read-only and change on the observer thread. State values are exactly the W3C's strings.
    """

    id = Unicode(read_only=True, help="The participant's id, kept through reconnects and reloads.")
    name = Unicode(read_only=True, help="The name shown to everybody.")
    kind = Unicode("browser", read_only=True, help='"browser", "python", or what the client calls itself.')
    audio = Bool(read_only=True, help="Whether the microphone is on.")
    video = Bool(read_only=True, help="Whether the camera is on.")
    screen = Bool(read_only=True, help="Whether a screen is shared.")
    away = Bool(read_only=True, help="The signaling path is lost; media may go on.")
    connection_state = Enum(
        CONNECTION_STATES,
        "new",
        read_only=True,
        help="RTCPeerConnection.connectionState (W3C webrtc, 4.3.3).",
    )
    ice_connection_state = Enum(
        ICE_CONNECTION_STATES, "new", read_only=True, help="RTCPeerConnection.iceConnectionState (4.3.4)."
    )
    ice_gathering_state = Enum(
        ICE_GATHERING_STATES, "new", read_only=True, help="RTCPeerConnection.iceGatheringState (4.3.2)."
    )
    signaling_state = Enum(
        SIGNALING_STATES, "stable", read_only=True, help="RTCPeerConnection.signalingState (4.3.1)."
    )
    selected_candidate_pair = Dict(
        default_value=None,
        allow_none=True,
        read_only=True,
        help="Candidate types in use, such as {'local': 'host', 'remote': 'srflx', 'protocol': 'udp'}. No addresses.",
    )
    stats = Dict(
        default_value=None,
        allow_none=True,
        read_only=True,
        help="What comes from them: bitrate (bit/s), fps, width, height (px), loss (0 to 1), rtt (ms); "
        "at most once a second.",
    )

    def __repr__(self) -> str:
        return f"Participant({self.name!r}, {self.connection_state})"


class Participants(tuple[Participant, ...]):
    """Everybody else in a room, in order of arrival; also by id or name: ``participants["Bob"]``.

    People choose their names, so a text that is somebody's id never means who is called that. Of several with one name,
    the first.
    """

    __slots__ = ()

    @overload  # type: ignore[override]
    def __getitem__(self, key: int | str) -> Participant: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Participant, ...]: ...
    def __getitem__(self, key: int | str | slice) -> Participant | tuple[Participant, ...]:
        if not isinstance(key, str):
            return super().__getitem__(key)
        if found := matching(self, key):
            return found[0]
        names = ", ".join(repr(participant.name) for participant in self) or "nobody"
        msg = f"There is no participant {key!r}. In the room: {names}."
        raise KeyError(msg)

    def get(self, key: str) -> Participant | None:
        """Find a participant.

        Parameters
        ----------
        key : str
            Id or name.

        Returns
        -------
        Participant or None
            None when there is no such participant.
        """
        try:
            return self[key]
        except KeyError:
            return None

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None if isinstance(key, str) else super().__contains__(key)

    def __repr__(self) -> str:
        return f"({', '.join(map(repr, self))}{',' if len(self) == 1 else ''})"


def matching(participants: Participants, key: str | Participant | None) -> list[Participant]:
    """Find all whom a key means.

    Parameters
    ----------
    participants : Participants
        Everybody else in the room.
    key : str, Participant or None
        An id or a name; a participant, which is meant by its id alone; None for everybody.

    Returns
    -------
    list of Participant
        In order of arrival.
    """
    if key is None:
        return list(participants)
    if isinstance(key, Participant):
        return [participant for participant in participants if participant.id == key.id]
    by_id = [participant for participant in participants if participant.id == key]
    return by_id or [participant for participant in participants if participant.name == key]


def find(participants: Participants, key: str | Participant) -> Participant:
    """Find a participant, or raise an error for the user.

    Parameters
    ----------
    participants : Participants
        Everybody else in the room.
    key : str or Participant
        Id, name, or the participant itself, which is found by its id alone.

    Returns
    -------
    Participant
        The participant.

    Raises
    ------
    InvalidArgumentError
        ``unknown_participant``, with the names of all participants.
    """
    found = matching(participants, key)
    if not found:
        names = ", ".join(repr(participant.name) for participant in participants) or "nobody"
        raise InvalidArgumentError(
            "unknown_participant", f"{key!r} is not in the room. In the room: {names}."
        )
    return found[0]
