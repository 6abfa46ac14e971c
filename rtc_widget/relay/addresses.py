"""By which addresses other machines reach this one."""

from __future__ import annotations

import socket
from typing import Final

EVERYWHERE: Final = "0.0.0.0"  # noqa: S104
"""Every address of this machine."""

# For documentation (RFC 5737): no packet is sent, the system only says where one would leave.
_ELSEWHERE: Final = ("192.0.2.1", 9)


def own_address() -> str:
    """Return the address by which this machine is most likely reached from its network.

    Returns
    -------
    str
        An IPv4 address; that of the loopback interface on a machine that has no other.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
            return str(probe.getsockname()[0])
        except OSError:
            return next(iter(own_addresses()))


def own_addresses() -> list[str]:
    """Return the addresses of this machine that its name leads to, the loopback interface's last.

    Returns
    -------
    list of str
        IPv4 addresses.
    """
    try:
        found = socket.gethostbyname_ex(socket.gethostname())[2]
    except OSError:
        found = []
    return [*(each for each in found if not each.startswith("127.")), "127.0.0.1"]
