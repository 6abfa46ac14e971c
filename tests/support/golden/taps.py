"""Listens to what goes over the wires, as bytes and text: the one place that knows where these wires are.

Of this package's insides it knows how the media process' pipe is read (`receive`), that its messages are dataclasses, and by what
the program is recognised. The rest is Socket.IO's text and Jupyter's messages.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import re
import subprocess
import threading
from typing import TYPE_CHECKING, Any

from engineio.async_socket import AsyncSocket
from engineio.packet import MESSAGE

from rtc_widget.peer.ipc.pipe import receive
from rtc_widget.protocol.media_process import Reply, RoomEvent
from tests.support.golden.shapes import Said

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = "rtc_widget"
TEXT = re.compile(r"(?P<type>[23])(?P<id>\d*)(?P<data>\[.*\])", re.DOTALL)
EVENT = "2"


class Signaling:
    """What clients and a relay of this process say to each other."""

    def __init__(self) -> None:
        self._heard: list[tuple[str, str, str]] = []

    def hear(self, sid: str, way: str, text: Any) -> None:
        if isinstance(text, str):
            self._heard.append((sid, way, text))

    def messages(self) -> list[Said]:
        """Return what was said, each client by what it is."""
        parsed = [(sid, way, match) for sid, way, text in self._heard if (match := TEXT.fullmatch(text))]
        asked: dict[tuple[str, str, str], str] = {}
        roles: dict[str, str] = {}
        for sid, way, match in parsed:
            if match["type"] == EVENT:
                event, *payload = json.loads(match["data"])
                asked[sid, way, match["id"]] = event
                if way == "in" and event == "join_room":
                    roles[sid] = payload[0].get("kind", "browser")
                elif way == "in" and event == "watch_room":
                    roles[sid] = "observer"
        found = []
        for sid, way, match in parsed:
            who = roles.get(sid, "client")
            direction = f"{who} → relay" if way == "in" else f"relay → {who}"
            data = json.loads(match["data"])
            if match["type"] == EVENT:
                found.append(Said(direction, data[0], data[1] if len(data) > 1 else None))
            else:
                event = asked.get((sid, "in" if way == "out" else "out", match["id"]), "?")
                found.append(Said(direction, f"{event} acknowledged", data[0] if data else None))
        return found


@contextlib.contextmanager
def signaling() -> Iterator[Signaling]:
    """Hear what the Socket.IO servers of this process get and send."""
    heard, get, send = Signaling(), AsyncSocket.receive, AsyncSocket.send

    async def receive_packet(self: Any, packet: Any) -> Any:
        if packet.packet_type == MESSAGE:
            heard.hear(self.sid, "in", packet.data)
        return await get(self, packet)

    async def send_packet(self: Any, packet: Any) -> Any:
        if packet.packet_type == MESSAGE:
            heard.hear(self.sid, "out", packet.data)
        return await send(self, packet)

    AsyncSocket.receive, AsyncSocket.send = receive_packet, send_packet
    try:
        yield heard
    finally:
        AsyncSocket.receive, AsyncSocket.send = get, send


def apart(said: list[Said]) -> dict[str, list[Said]]:
    """Return the steps that clients report, and everything else that goes over a relay."""
    steps = [each for each in said if each.name == "report" and each.way.endswith("relay")]
    return {"signaling": [each for each in said if each.name != "report"], "steps": steps}


class Pipe:
    """What a kernel and its media process say to each other."""

    def __init__(self) -> None:
        self.told, self.answered = bytearray(), bytearray()

    def messages(self) -> list[Said]:
        """Return the commands, and what came back; arguments are numbered."""
        found, asked = [], {}
        for request in _unpacked(self.told):
            name = type(request.command).__name__
            asked[request.number] = name
            found.append(Said("kernel → process", name, _fields(request.command)))
        for message in _unpacked(self.answered):
            if isinstance(message, Reply):
                # What is posted is not waited for, and has no number.
                name = f"reply to {asked[message.number]}" if message.number else "reply to what was posted"
                answer = {"value": message.value, "error": message.error}
                found.append(Said("process → kernel", name, answer))
            elif isinstance(message.event, RoomEvent):
                found.append(Said("process → kernel", f"event {message.event.name}", message.event.payload))
            else:
                found.append(Said("process → kernel", type(message.event).__name__, _fields(message.event)))
        return found


def _unpacked(data: bytearray) -> Iterator[Any]:
    stream = io.BytesIO(bytes(data))
    while (message := receive(stream)) is not None:
        yield message


def _fields(message: Any) -> dict[str, Any]:
    return {field.name: getattr(message, field.name) for field in dataclasses.fields(message)}


@contextlib.contextmanager
def pipe() -> Iterator[Pipe]:
    """Hear what goes through the pipes of the media processes that are started meanwhile."""
    heard, start = Pipe(), subprocess.Popen

    class Tapped(start):  # type: ignore[misc, valid-type]
        """A process with a listener between it and this one."""

        def __init__(self, args: Any, **options: Any) -> None:
            super().__init__(args, **options)
            ends = options.get("stdin"), options.get("stdout")
            if ends == (subprocess.PIPE, subprocess.PIPE) and any(PROGRAM in str(word) for word in args):
                commands, answers = self.stdin, self.stdout
                from_kernel, to_process = os.pipe()
                from_process, to_kernel = os.pipe()
                self.stdin, self.stdout = os.fdopen(to_process, "wb"), os.fdopen(from_process, "rb")
                for source, target, kept in (
                    (os.fdopen(from_kernel, "rb", 0), commands, heard.told),
                    (answers, os.fdopen(to_kernel, "wb", 0), heard.answered),
                ):
                    threading.Thread(target=_copy, args=(source, target, kept), daemon=True).start()

    subprocess.Popen = Tapped  # type: ignore[misc]
    try:
        yield heard
    finally:
        subprocess.Popen = start  # type: ignore[misc]


def _copy(source: Any, target: Any, kept: bytearray) -> None:
    """Hand on what comes until either end closes, and keep it."""
    with source, contextlib.suppress(OSError, ValueError), target:
        while data := os.read(source.fileno(), 65_536):
            kept += data
            target.write(data)
            target.flush()


COMM = """
    const kernel = panel.sessionContext.session.kernel;
    window.comms ??= [];
    kernel.anyMessage.connect((_, { msg, direction }) => {
        const { msg_type } = msg.header;
        if (!msg_type.startsWith("comm_")) return;
        const { comm_id, data } = msg.content;
        comms.push({ way: direction, id: comm_id, type: msg_type, data, buffers: (msg.buffers ?? []).length });
    });
"""
"""Listens to a notebook's comms, in its page (see `tests.support.lab.PANEL`)."""


def comm(heard: list[dict[str, Any]]) -> list[Said]:
    """Return what widgets of this package and their kernel said to each other, of what `COMM` has heard."""
    ours = {
        each["id"]
        for each in heard
        if each["type"] == "comm_open" and "room" in each["data"].get("state", {})
    }
    found = []
    for each in heard:
        direction = "page → kernel" if each["way"] == "send" else "kernel → page"
        data = each["data"]
        if each["id"] not in ours:
            continue
        if data.get("method") == "custom":
            payload = {**data["content"], "buffers": each["buffers"]} if each["buffers"] else data["content"]
            found.append(Said(direction, "custom", payload))
        elif "state" in data:
            # What begins with "_" is between anywidget and ipywidgets.
            state = {key: value for key, value in data["state"].items() if not key.startswith("_")}
            found.append(Said(direction, data.get("method") or each["type"], state))
    return found
