"""Run the media process: the kernel does, with ``python -m rtc_widget.peer.process``."""

from __future__ import annotations

import asyncio
import os
import sys

from ...runtime.logs import configure_media_process
from . import aiortc_decoders, aiortc_internals
from .kernel_pipe import serve


def main() -> None:
    """Serve the kernel until it ends."""
    configure_media_process()
    sys.setswitchinterval(0.001)
    aiortc_internals.check_release()
    aiortc_internals.tune_encoders()
    aiortc_decoders.limit_decoders()
    asyncio.run(serve())
    # A transform that does not return, or a device that does not close, must not keep the process alive.
    os._exit(0)


if __name__ == "__main__":
    main()
