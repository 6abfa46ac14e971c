"""What Python asks of the tab that is in the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ..errors import InvalidArgumentError, ProtocolError
from ..protocol.comm import Command
from ..room.data_messages import encode
from ..room.participants import Participant, find
from ..room.room_member import RoomMember
from ..runtime.lifetime import Lifetime
from ..runtime.validation import check_flags, nearest
from .comm_channel import CommChannel

NOT_IN: Final = "This widget is not in the room: display it in a cell, or call join()."


class CallCommands:
    """Steers the camera, the microphone, the screen and the messages of a call that is held in a browser.

    Parameters
    ----------
    channel : CommChannel
        To the front ends.
    member : RoomMember
        Who is in the room.
    life : Lifetime
        Of the widget.
    devices : callable
        Returns the labels of "cameras" and "microphones" that the call's tab offers.
    on_sent : callable
        Takes each message that is sent, its sender's id, and its receiver's, None for everybody.
    """

    def __init__(
        self,
        channel: CommChannel,
        member: RoomMember,
        life: Lifetime,
        devices: Callable[[], Mapping[str, Sequence[str]]],
        on_sent: Callable[[Any, str, str | None], None],
    ) -> None:
        self._channel, self._member, self._life = channel, member, life
        self._devices, self._on_sent = devices, on_sent

    def mute(self, *, audio: bool | None = None, video: bool | None = None) -> None:
        """Turn sources off: the microphone, or exactly those named.

        A muted camera is released (its light goes out); everybody sees the muted state at once.

        Parameters
        ----------
        audio, video : bool, optional
            Which; the microphone when neither is named.
        """
        self._set_media(False, audio, video)

    def unmute(self, *, audio: bool | None = None, video: bool | None = None) -> None:
        """Turn sources on again: the microphone, or exactly those named.

        Parameters
        ----------
        audio, video : bool, optional
            Which; the microphone when neither is named.
        """
        self._set_media(True, audio, video)

    def share_screen(self, on: bool = True, *, pattern: bool = False) -> None:
        """Share the screen, or stop with ``False``.

        Browsers start sharing only from a click: where the tab has had none lately, `error` becomes
        ``screen_denied`` and the widget's own button does it.

        Parameters
        ----------
        on : bool
            Whether to share.
        pattern : bool
            Share a moving test picture in the screen's place, which needs no click.
        """
        command: Command = {"kind": "command", "action": "screen", "on": bool(on)}
        self._command({**command, "pattern": True} if pattern else command)

    def restart_ice(self) -> None:
        """Restart ICE with everybody in a browser: new candidates, and another search for the best way, while media flow.

        A connection to a Python peer stays as it is, because aiortc cannot restart ICE.
        """
        self._command({"kind": "command", "action": "restart_ice"})

    def use(self, *, camera: str | None = None, microphone: str | None = None) -> None:
        """Switch to the camera or microphone whose label contains the text; see `devices`.

        Parameters
        ----------
        camera, microphone : str, optional
            Part of a label, in any case.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` when neither is named; ``no_device`` when the call's tab has none of that name.
        """
        if camera is None and microphone is None:
            raise InvalidArgumentError("bad_argument", "Specify a camera or a microphone: use(camera='…').")
        for kind, label in (("camera", camera), ("microphone", microphone)):
            self._check_device(kind, label)
        self._command({"kind": "command", "action": "use", "camera": camera, "microphone": microphone})

    def _check_device(self, kind: str, label: str | None) -> None:
        if label is None:
            return
        if not isinstance(label, str):
            raise InvalidArgumentError("bad_argument", f"{kind} is part of a label, not {label!r}.")
        known = self._devices().get(f"{kind}s", ())
        # Outside a call nobody says which there are; then the tab answers, in `error`.
        if not known or self._member.me is None:
            return
        if not any(label.lower() in each.lower() for each in known):
            words = [word for each in known for word in (each, *each.split())]
            msg = f"No {kind} has {label!r} in its name. There is: {', '.join(known)}.{nearest(label, words)}"
            raise InvalidArgumentError("no_device", msg)

    def send(self, data: Any, *, to: str | Participant | None = None) -> None:
        """Send a message over the data channel to everybody, or to one.

        Parameters
        ----------
        data : bytes or anything that JSON holds
            At most 262144 bytes as sent.
        to : str or Participant, optional
            A name, an id or a participant; everybody when left out.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for what JSON cannot hold, ``message_too_large``, ``unknown_participant``.
        ProtocolError
            ``not_joined``.
        """
        self._life.check_open()
        encoded = encode(data)
        me = self._member.me
        if me is None:
            raise ProtocolError("not_joined", NOT_IN)
        target = None if to is None else find(self._member.participants, to).id
        text = encoded if isinstance(encoded, str) else None
        buffers = [encoded] if isinstance(encoded, bytes) else None
        self._command({"kind": "command", "action": "send", "text": text, "target": target}, buffers)
        self._on_sent(data, me.id, target)

    def leave(self) -> None:
        """Leave the room, in every tab."""
        self._command({"kind": "command", "action": "leave"})

    def decline(self, recording: str) -> None:
        """Leave this participant out of a recording.

        Parameters
        ----------
        recording : str
            The recording's id.
        """
        self._command({"kind": "command", "action": "decline", "recording": recording})

    def _set_media(self, on: bool, audio: bool | None, video: bool | None) -> None:
        check_flags(audio=audio, video=video)
        command: Command = {"kind": "command", "action": "media"}
        if audio or (audio is None and video is None):
            command["audio"] = on
        if video:
            command["video"] = on
        self._command(command)

    def _command(self, command: Command, buffers: list[bytes] | None = None) -> None:
        self._life.check_open()
        self._channel.command(command, buffers=buffers)
