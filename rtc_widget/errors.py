"""One root for every error of this package, and the codes that name the reasons.

The codes are the same strings in Python, in ``js/src/protocol/errors.ts`` and on the wire (a test holds the
two files against each other), so that a student who reads one in the widget finds it in the kernel's
traceback too.
"""

from __future__ import annotations

from typing import TypedDict

from .tracebacks import EndsAtTheUsersLine


class ErrorInfo(TypedDict):
    """How an error is serialized: in an acknowledgement, a refused connection or a report."""

    code: str
    message: str


class RtcWidgetError(EndsAtTheUsersLine, Exception):
    """Anything that rtc_widget refuses or fails to do.

    Parameters
    ----------
    code : str
        One of `CODES`: stable, for programs.
    message : str
        What happened and what to do about it, for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} [{code}]")
        self.code = code
        self.message = message

    def info(self) -> ErrorInfo:
        """Return the error as it is sent to other processes.

        Returns
        -------
        ErrorInfo
            Code and message.
        """
        return {"code": self.code, "message": self.message}


class ProtocolError(RtcWidgetError):
    """A message that violates the protocol: invalid, too large, too many, or not allowed at this moment."""


class RelayError(RtcWidgetError):
    """The relay cannot be found, started or reached, or it refused the connection."""


class WaitTimeoutError(RtcWidgetError, TimeoutError):
    """Something that was waited for did not happen in time."""


class UnknownParticipantError(RtcWidgetError, KeyError):
    """A name or an id that nobody has.

    Parameters
    ----------
    message : str
        Who was looked for, and who is there.
    """

    def __init__(self, message: str) -> None:
        super().__init__("unknown_participant", message)

    def __str__(self) -> str:
        """Return the sentence; a `KeyError` by itself shows its ``repr``.

        Returns
        -------
        str
            Message and code.
        """
        return str(self.args[0])


class UnknownPlaceError(RtcWidgetError, IndexError):
    """A number by which there is nothing in a list."""


class InvalidArgumentError(RtcWidgetError, ValueError):
    """An invalid argument."""


class InvalidCallError(InvalidArgumentError, TypeError):
    """A call with arguments that the function does not have, or without those that it needs."""


CODES: dict[str, str] = {
    # refused by the relay: the connection
    "bad_token": "The token is missing, damaged or signed with another secret.",
    "token_expired": "The token's time is over.",
    "token_used": "The single-use token has been used.",
    "wrong_room": "The token is for another room.",
    "forbidden": "The token's role does not allow this.",
    "taken_over": "The same participant connected again from elsewhere.",
    "kernel_gone": "The kernel that owns the widget has ended.",
    "removed": "A teacher has removed the participant from the room.",
    "token_revoked": "A teacher has revoked the token.",
    "admission_required": "Who has this link waits until somebody lets them in.",
    "not_admitted": "Somebody who teaches has declined to let the person in.",
    "nobody_answered": "Nobody has let the person in, or declined, in time.",
    "waiting_full": "Too many wait to be let in.",
    # refused by the relay: a message
    "bad_request": "The payload does not have the event's shape.",
    "unknown_event": "The relay knows no event of that name.",
    "bad_room": "A room's name is 1 to 128 printable characters.",
    "bad_name": "A participant's name is 1 to 64 printable characters.",
    "bad_description": "The session description is not one.",
    "bad_candidate": "The ICE candidate is not one.",
    "not_joined": "Join the room before sending to it.",
    "already_joined": "This connection has joined a room.",
    "unknown_participant": "Nobody of that id is in this room.",
    "room_full": "The room has reached its capacity.",
    "too_many_rooms": "The relay has reached its number of rooms.",
    "payload_too_large": "The message is larger than the relay forwards.",
    "rate_limited": "Too many messages in too short a time.",
    # refused by the relay: a teacher's wish
    "nothing_held": "No such signaling message is held.",
    "relay_down": "A teacher has switched the room's relay off for a while.",
    # finding and reaching things
    "relay_unreachable": "No relay answers at that address.",
    "relay_failed": "The local relay could not be started.",
    "timeout": "No answer came in time.",
    "frontend_absent": "No browser shows this widget.",
    "would_deadlock": "Waiting here would wait for itself.",
    "closed": "The widget has been closed.",
    "turn_refused": "The TURN server refuses the credentials.",
    "turn_failed": "No TURN server has given an address.",
    # arguments
    "bad_argument": "An argument has a value that cannot work.",
    "message_too_large": "A data channel message is at most 262144 bytes.",
    "message_dropped": "A message was not sent: too many others wait for the same connection.",
    "bad_trace": "The file is not a trace, or of a newer version.",
    "bad_recording": "The file is not a recording, or of a newer version.",
    "recording_failed": "The recording cannot be written.",
    # the kernel as a peer
    "peer_missing": "aiortc, av or numpy is not installed.",
    "peer_failed": "The process that holds the kernel's peers could not start, or has ended.",
    "bad_frame": "The array is not a picture or a sound, or a picture is too large.",
    "bad_source": "The source cannot be opened or read.",
    "bad_callback": "A callback raised.",
    "bad_transform": "The transform raised, or what it returned is not a picture.",
    # the browser
    "permission_denied": "The browser refused camera or microphone.",
    "blocked_by_page": "The page that shows the widget gives it no camera or microphone.",
    "no_device": "There is no such camera or microphone.",
    "device_busy": "Another program holds the camera or microphone.",
    "insecure_context": "The page is neither https nor localhost, so the browser has no camera.",
    "screen_denied": "Sharing the screen was refused or needs a click in the widget.",
    "connection_failed": "The peer connection could not be made.",
}
"""Every code with its one-sentence meaning."""

FATAL: frozenset[str] = frozenset(
    {
        "bad_token",
        "token_expired",
        "token_used",
        "wrong_room",
        "forbidden",
        "taken_over",
        "kernel_gone",
        "removed",
        "token_revoked",
        "bad_room",
        "bad_name",
        "not_admitted",
        "nobody_answered",
    }
)
"""The refusals that trying again by itself does not change."""


def is_fatal(code: str) -> bool:
    """Tell whether a refusal is final: a connection that gets it is not tried again.

    Every connection to a relay (observer, peer, browser) follows this one rule when it comes back; the first attempt of a peer or a browser ends with any refusal.

    Parameters
    ----------
    code : str
        One of `CODES`.

    Returns
    -------
    bool
        False for everything that may have passed by the next attempt, unknown codes included.
    """
    return code in FATAL
