"""What a page says to a widget is heard while a cell runs, in a real kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

SECONDS = 60

CELL = """
import threading
from rtc_widget.runtime.bundled_widget import BundledWidget
came = threading.Event()
widget = BundledWidget()
widget.on_msg(lambda _widget, content, buffers: came.set())
print(widget.comm.comm_id, flush=True)
print(came.wait(30), flush=True)
"""


def printed(client: BlockingKernelClient) -> str:
    """Return what the kernel prints next."""
    while True:
        message = client.get_iopub_msg(timeout=SECONDS)
        if message["msg_type"] == "stream":
            return str(message["content"]["text"]).strip()
        assert message["msg_type"] != "error", message["content"]


def test_a_message_for_a_subshell_does_not_wait_for_the_cell() -> None:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=SECONDS)
        client.control_channel.send(client.session.msg("create_subshell_request"))
        subshell = client.get_control_msg(timeout=SECONDS)["content"]["subshell_id"]
        client.execute(CELL)
        comm_id = printed(client)
        message = client.session.msg(
            "comm_msg", {"comm_id": comm_id, "data": {"method": "custom", "content": {}}}
        )
        message["header"]["subshell_id"] = subshell

        client.shell_channel.send(message)

        assert printed(client) == "True"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
