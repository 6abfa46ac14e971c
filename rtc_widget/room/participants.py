"""What a participant and the connection to it look like from Python: traits that follow the call.

The observer thread is the only writer, so an `observe` callback runs there; reading is fine from any thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal, TypedDict, cast, get_args, overload

from traitlets import Bool, Dict, Enum, TraitType, Unicode

from ..errors import InvalidArgumentError, UnknownParticipantError
from ..runtime.cell_observers import CellObservers
from ..runtime.own_names import OwnNames
from ..runtime.text import told_apart
from ..runtime.validation import at_place, nearest
from .participant_table import as_html, as_text

ConnectionState = Literal["new", "connecting", "connected", "disconnected", "failed", "closed"]
IceConnectionState = Literal["new", "checking", "connected", "completed", "disconnected", "failed", "closed"]
IceGatheringState = Literal["new", "gathering", "complete"]
SignalingState = Literal[
    "stable",
    "have-local-offer",
    "have-remote-offer",
    "have-local-pranswer",
    "have-remote-pranswer",
    "closed",
]

CONNECTION_STATES: Final[tuple[ConnectionState, ...]] = get_args(ConnectionState)
ICE_CONNECTION_STATES: Final[tuple[IceConnectionState, ...]] = get_args(IceConnectionState)
ICE_GATHERING_STATES: Final[tuple[IceGatheringState, ...]] = get_args(IceGatheringState)
SIGNALING_STATES: Final[tuple[SignalingState, ...]] = get_args(SignalingState)


class SelectedCandidatePair(TypedDict):
    """The kinds of the two candidates in use, without their addresses.

    Attributes
    ----------
    local, remote : str
        "host", "srflx", "prflx" or "relay" (RFC 8445, 4).
    protocol : str
        "udp" or "tcp". All three are "notebook" while media take the notebook's own connection in place of a pair.
    """

    local: str
    remote: str
    protocol: str


class IncomingStats(TypedDict):
    """What comes from a participant, measured once a second.

    Attributes
    ----------
    bitrate : float or None
        Bit/s.
    fps : float or None
        Frames per second.
    width, height : int or None
        Of the picture, px.
    loss : float or None
        Share of packets that did not come, 0 to 1.
    rtt : float or None
        Round-trip time, ms.
    """

    bitrate: float | None
    fps: float | None
    width: int | None
    height: int | None
    loss: float | None
    rtt: float | None


class Participant(OwnNames, CellObservers):
    """Somebody in the room, and this widget's connection to them.

    All traits are read-only and change on the observer thread. State values are exactly the W3C's strings.
    """

    id = Unicode(read_only=True, help="The participant's id, kept through reconnects and reloads.")
    name = Unicode(
        read_only=True,
        help="The name as it was given; equal ones are shown with a number, as `Participants.labels` has them.",
    )
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
    selected_candidate_pair = cast(
        "TraitType[SelectedCandidatePair | None, Any]",
        Dict(
            default_value=None,
            allow_none=True,
            read_only=True,
            help="Candidate types in use, such as {'local': 'host', 'remote': 'srflx', 'protocol': 'udp'}. No addresses.",
        ),
    )
    stats = cast(
        "TraitType[IncomingStats | None, Any]",
        Dict(
            default_value=None,
            allow_none=True,
            read_only=True,
            help="What comes from them: bitrate (bit/s), fps, width, height (px), loss (0 to 1), rtt (ms); "
            "at most once a second.",
        ),
    )

    def __repr__(self) -> str:
        return f"Participant({self.name!r}, {self.connection_state})"


class Participants(tuple[Participant, ...]):
    """Everybody else in a room, in order of arrival; also by id or name: ``participants["Bob"]``.

    Ids win over names, which people choose themselves: a text that is somebody's id never means whoever is called that. Of several with one name,
    the first has it, and the others are "Bob (2)", "Bob (3)", … in order of arrival. Oneself counts as well, so that a number
    means the same person to everybody.
    """

    # With oneself, in order of arrival; None where there is nobody else to count.
    _everybody: tuple[Participant, ...] | None = None

    @overload  # type: ignore[override]
    def __getitem__(self, key: int | str) -> Participant: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Participant, ...]: ...
    def __getitem__(self, key: int | str | slice) -> Participant | tuple[Participant, ...]:
        if isinstance(key, slice):
            return super().__getitem__(key)
        if not isinstance(key, str):
            return at_place(tuple(self), key, "participant", "unknown_participant")
        if found := matching(self, key):
            return found[0]
        names = ", ".join(map(repr, self.labels)) or "nobody"
        msg = f"There is no participant {key!r}. In the room: {names}.{nearest(key, list(self.labels))}"
        raise UnknownParticipantError(msg)

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

    @property
    def labels(self) -> dict[str, Participant]:
        """The participants by what tells them apart: a name, with a number where others have had it before."""
        return {label: each for label, each in labels(self).items() if each in self}

    def __repr__(self) -> str:
        return as_text(self.labels)

    def _repr_html_(self) -> str:
        return as_html(self.labels)


def others_among(everybody: Iterable[Participant], me: Participant | None) -> Participants:
    """Return everybody else, as they are numbered by everybody.

    Parameters
    ----------
    everybody : iterable of Participant
        All who are in the room, in order of arrival.
    me : Participant or None
        Whoever the others are others to.

    Returns
    -------
    Participants
        Without that one.
    """
    all_here = tuple(everybody)
    others = Participants(each for each in all_here if each is not me)
    others._everybody = all_here
    return others


def with_oneself(others: Participants, me: Participant | None) -> Participants:
    """Return the others, by whose names somebody is meant first, and then oneself.

    Parameters
    ----------
    others : Participants
        Everybody else.
    me : Participant or None
        Oneself, None where that is in no room.

    Returns
    -------
    Participants
        With the same labels.
    """
    everybody = Participants((*others, *(() if me is None else (me,))))
    everybody._everybody = others._everybody
    return everybody


def labels(participants: Participants) -> dict[str, Participant]:
    """Return everybody in the room by what tells them apart.

    Parameters
    ----------
    participants : Participants
        Everybody else.

    Returns
    -------
    dict
        As `Participants.labels`, and with oneself.
    """
    everybody = participants._everybody or participants
    return dict(zip(told_apart([each.name for each in everybody]), everybody, strict=True))


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
    by_name = [participant for participant in participants if participant.name == key]
    return by_id or by_name or [each for label, each in participants.labels.items() if label == key]


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
        names = ", ".join(map(repr, participants.labels)) or "nobody"
        hint = nearest(str(key), list(participants.labels))
        raise InvalidArgumentError(
            "unknown_participant", f"Nobody else here is {key!r}. In the room: {names}.{hint}"
        )
    return found[0]
