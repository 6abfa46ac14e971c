"""The media process' end of the pipe to its kernel: requests on standard input, answers on standard output.

The process runs in a session of its own, which an interrupt of the kernel does not reach; the end of standard input is the
end of the kernel, and its own.
"""

from __future__ import annotations

import asyncio
import os
from typing import Final

from ...protocol.media_process import Request
from ..ipc.pipe import HEADER_BYTES, Message, Unreadable, body_length, pack, unpack
from .media_host import MediaHost

_READ_AT_ONCE: Final = 1 << 24


async def serve() -> None:
    """Run the kernel's requests until standard input ends, then leave all rooms."""
    reader, writer = await _standard_streams()

    def answer(message: Message) -> None:
        # What a kernel that has ended does not read is dropped.
        if not writer.is_closing():
            writer.write(pack(message))

    host = MediaHost(answer)
    try:
        while True:
            header = await reader.readexactly(HEADER_BYTES)
            match unpack(header, await reader.readexactly(body_length(header))):
                case Request() as request:
                    host.receive(request)
                case Unreadable() as message:
                    host.refuse(message)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    await host.close()


async def _standard_streams() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    commands, answers = os.dup(0), os.dup(1)
    # Printed text must not end up among the messages.
    os.dup2(2, 1)
    reader = asyncio.StreamReader(limit=_READ_AT_ONCE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(commands, "rb"))
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(answers, "wb")
    )
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)
