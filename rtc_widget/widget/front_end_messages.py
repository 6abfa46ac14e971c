"""What is done with each kind of a front end's messages: a registry, beside `protocol.comm.FROM_FRONT_END`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..recording.capture.recorder import Recorder
from ..runtime.threads import Threads
from ..teaching.signaling_control import SignalingControl
from .call_mirror import CallMirror
from .call_move import CallMove
from .comm_channel import CommChannel, Receiver
from .front_end import module_source
from .kernel_session import KernelSession
from .link_view import Links
from .media_channels import MediaChannels
from .recording_notices import RecordingNotices


def receivers(
    channel: CommChannel,
    session: KernelSession,
    threads: Threads,
    *,
    mirror: CallMirror,
    move: CallMove,
    control: SignalingControl,
    recorder: Recorder,
    links: Links,
    notices: RecordingNotices,
    media: MediaChannels,
    on_picture: Callable[[object], None] | None,
) -> Mapping[str, Receiver]:
    """Return the receivers of messages. They are called on whatever thread the kernel uses, and only pass messages on.

    Parameters
    ----------
    channel : CommChannel
        For answers.
    session : KernelSession
        Takes tunnels, and answers those who come.
    threads : Threads
        Of this process.
    mirror : CallMirror
        Takes what front ends know of the call.
    move : CallMove
        Takes a tab's wish for the call.
    control : SignalingControl
        Takes the trace panel's requests, and the answers to those who wait.
    recorder : Recorder
        Takes the recording button's.
    links : Links
        Makes links for pages without a camera.
    notices : RecordingNotices
        Takes requests for replays.
    media : MediaChannels
        Takes pages' parts in media channels.
    on_picture : callable or None
        Takes a picture of the call, where one is to be kept.

    Returns
    -------
    mapping of str to callable
        A receiver for each kind.
    """

    def hello(client_id: str, content: dict[str, Any], _buffers: list[bytes]) -> None:
        # A front end may open a widget that nothing displayed for a while.
        session.open()
        session.greet(client_id, content.get("origin"))
        threads.loop.call_soon_threadsafe(control.greet, client_id)

    def tunnel(client_id: str, content: dict[str, Any], _buffers: list[bytes]) -> None:
        session.receive_tunnel(client_id, content)

    def panel(client_id: str, content: dict[str, Any], _buffers: list[bytes]) -> None:
        threads.loop.call_soon_threadsafe(control.receive_panel, client_id, content)

    def answer(_client_id: str, content: dict[str, Any], _buffers: list[bytes]) -> None:
        threads.loop.call_soon_threadsafe(control.receive_answer, content)

    def record(_client_id: str, content: dict[str, Any], _buffers: list[bytes]) -> None:
        recorder.set_recording(content.get("on") is True)

    def picture(_client_id: str, content: dict[str, Any], _buffers: list[bytes]) -> None:
        if on_picture is not None:
            threads.post(on_picture, content.get("data"))

    def module(client_id: str, content: dict[str, Any], _buffers: list[bytes]) -> None:
        name = str(content.get("name"))
        source = module_source(name)
        if source is not None:
            channel.send({"kind": "module", "name": name, "source": source}, to=client_id)

    def join_page(client_id: str, _content: dict[str, Any], _buffers: list[bytes]) -> None:
        threads.spawn(links.offer(channel, client_id))

    return {
        "hello": hello,
        "phase": mirror.receive_phase,
        "move": move.receive,
        "error": mirror.receive_error,
        "devices": mirror.receive_devices,
        "message": mirror.receive_message,
        "picture": picture,
        "tunnel": tunnel,
        "panel": panel,
        "answer": answer,
        "record": record,
        "replay": notices.send_replay,
        "module": module,
        "join_page": join_page,
        "media": media.receive,
    }
