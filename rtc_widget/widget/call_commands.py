"""What Python tells the tab that is in the call to do."""

from __future__ import annotations

from typing import Any

from ..errors import InvalidArgumentError, ProtocolError
from ..room.data_messages import encode
from ..room.participants import Participant, find
from ..room.room_member import Presence


class Commands(Presence):
    """Steers the camera, the microphone, the screen and the messages of a call that is held in a browser."""

    def _send_custom(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Put a message on the comm."""
        raise NotImplementedError

    def mute(self, *, audio: bool | None = None, video: bool | None = None) -> None:
        """Turn sources off: the microphone, or exactly those named.

        A muted camera is released (its light goes out); everybody sees the muted state at once.
        """
        self._set_media(False, audio, video)

    def unmute(self, *, audio: bool | None = None, video: bool | None = None) -> None:
        """Turn sources on again: the microphone, or exactly those named."""
        self._set_media(True, audio, video)

    def share_screen(self, on: bool = True) -> None:
        """Share the screen, or stop with ``False``.

        Browsers start sharing only from a click: where the tab has had none lately, `error` becomes
        ``screen_denied`` and the widget's own button does it.
        """
        self._command("screen", on=bool(on))

    def use(self, *, camera: str | None = None, microphone: str | None = None) -> None:
        """Switch to the camera or microphone whose label contains the text; see `devices`."""
        if camera is None and microphone is None:
            raise InvalidArgumentError("bad_argument", "Name a camera or a microphone: use(camera='…').")
        self._command("use", camera=camera, microphone=microphone)

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
        self._check_open()
        encoded = encode(data)
        if self.me is None:
            raise ProtocolError(
                "not_joined", "This widget is not in the room: show it in a cell, or call join()."
            )
        target = None if to is None else find(self.participants, to).id
        if isinstance(encoded, bytes):
            self._command("send", text=None, target=target, buffers=[encoded])
        else:
            self._command("send", text=encoded, target=target)
        self._tapped(data, self.me.id, target)

    def _set_media(self, on: bool, audio: bool | None, video: bool | None) -> None:
        if audio is None and video is None:
            audio = True
        changes: dict[str, Any] = {key: on for key, named in (("audio", audio), ("video", video)) if named}
        self._command("media", **changes)

    def _decline(self, recording: str) -> None:
        self._command("decline", recording=recording)

    def _command(self, action: str, /, *, buffers: list[bytes] | None = None, **arguments: Any) -> None:
        self._check_open()
        self._send_custom({"kind": "command", "to": "*", "action": action, **arguments}, buffers)
