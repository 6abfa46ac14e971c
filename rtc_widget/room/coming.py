"""Who is named before they are there: cells run faster than browsers join."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Final

from ..errors import WaitTimeoutError
from ..runtime.validation import check_timeout
from .participants import Participant, Participants, find, matching
from .room_member import RoomMember

# For one more who is about to join, where somebody is there already: the name may as well be a mistake.
_COMING_SECONDS: Final = 2.0
_OVER: Final = ("left", "failed")


def find_coming(
    member: RoomMember, people: Callable[[], Participants], key: str | Participant, timeout: float
) -> Participant:
    """Find a participant, and wait for one who is not there yet.

    As long as nobody else is in the room, that is for `timeout`; otherwise for at most 2 s.

    Parameters
    ----------
    member : RoomMember
        Who looks for them.
    people : callable
        Returns those who may be meant.
    key : str or Participant
        Id, name, or the participant itself.
    timeout : float
        Seconds.

    Returns
    -------
    Participant
        The participant.

    Raises
    ------
    InvalidArgumentError
        ``unknown_participant``, with the names of all who are there; ``bad_argument`` for what is no timeout.
    RtcWidgetError
        ``would_deadlock`` in a callback.
    """
    latest = time.monotonic() + check_timeout(timeout)

    def is_settled(_member: object) -> bool:
        return bool(matching(people(), key)) or member.state in _OVER

    if not is_settled(member):
        with contextlib.suppress(WaitTimeoutError):
            member.wait_for(lambda _member: len(member.participants) > 0 or is_settled(member), timeout)
            left = latest - time.monotonic()
            member.wait_for(is_settled, max(0.0, min(_COMING_SECONDS, left)))
    return find(people(), key)
