"""Networks of a test's own, in network namespaces: homes around an internet, and what befalls the lines between.

Media go by a line from each home to the internet, on which faults are made. Signaling goes by sockets in the file system, which know no
namespaces, so that a fault of one is not a fault of the other.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
import uuid
from typing import TYPE_CHECKING, Any, Literal, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAMS = ("ip", "nft", "tc", "sysctl")
INTERNET = "10.79.0.1"
"""Where STUN and TURN servers listen."""

Router = Literal["none", "nat", "symmetric"]


def run(*command: str, stdin: str | None = None) -> str:
    """Run a program of the system's, and fail with what it says."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        message = f"{' '.join(command)}: {done.stderr.strip()}"
        raise RuntimeError(message)
    return done.stdout


def needs_namespaces() -> None:
    """Skip the test where this machine does not let it make networks, and say why."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"there is no {', '.join(missing)}; `make setup` installs what is missing where it may")
    name = f"rtcw-{uuid.uuid4().hex[:6]}"
    try:
        run("ip", "netns", "add", name)
    except (RuntimeError, PermissionError) as error:
        pytest.skip(f"this machine lets nobody make networks: {error}")
    try:
        run("ip", "netns", "exec", name, "nft", "add", "table", "inet", "test")
        run("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        run("ip", "-n", name, "link", "add", "one", "type", "veth", "peer", "name", "other")
    except RuntimeError as error:
        pytest.skip(f"this machine lets nobody make lines, routers and firewalls: {error}")
    finally:
        run("ip", "netns", "delete", name)


class Namespace:
    """A network stack of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    @property
    def prefix(self) -> list[str]:
        """What a command begins with to run here."""
        return ["ip", "netns", "exec", self.name]

    def ip(self, *words: str) -> None:
        """Call ``ip`` here."""
        run("ip", "-n", self.name, *words)

    def has(self, device: str) -> bool:
        """Tell whether there is such a device here."""
        return f" {device}: " in run("ip", "-n", self.name, "link", "show")

    def nft(self, rules: str) -> None:
        """Add rules here."""
        run(*self.prefix, "nft", "-f", "-", stdin=rules)

    def sysctl(self, key: str, value: str) -> None:
        """Set a kernel parameter of this namespace."""
        run(*self.prefix, "sysctl", "-qw", f"{key}={value}")

    def delete(self) -> None:
        """Remove it; what still runs in it has no network any more."""
        with contextlib.suppress(RuntimeError):
            run("ip", "netns", "delete", self.name)


def wire(one: Namespace, device: str, other: Namespace, far: str) -> None:
    """Lay a line between two namespaces."""
    one.ip("link", "add", device, "type", "veth", "peer", "name", far, "netns", other.name)
    for namespace, name in ((one, device), (other, far)):
        namespace.ip("link", "set", name, "up")


def slow_wire(one: Namespace, device: str, other: Namespace, far: str, delay: str) -> subprocess.Popen[bytes]:
    """Lay a line on which everything takes so many ms, such as "40+10" for 30 to 50; return the process that it is."""
    for name in ("dpipe", "wirefilter"):
        if shutil.which(name) is None:
            pytest.skip(f"there is no {name}; `make setup` installs what is missing where it may")
    ends = [
        [*namespace.prefix, "vde_plug", f"tap://{name}"] for namespace, name in ((one, device), (other, far))
    ]
    process = subprocess.Popen(
        ["dpipe", *ends[0], "=", "wirefilter", "-d", delay, "=", *ends[1]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for namespace, name in ((one, device), (other, far)):
        until = time.monotonic() + 10
        while not namespace.has(name):
            assert time.monotonic() < until, f"there is no device {name} in {namespace.name}"
            time.sleep(0.02)
        namespace.ip("link", "set", name, "up")
    return process


class Home:
    """A namespace in which a participant lives.

    Attributes
    ----------
    space : Namespace
        Where the participant's processes run.
    edge : Namespace
        The end of the line for media: a router's, or the same.
    address : str
        That of its end of the line.
    """

    def __init__(self, internet: Namespace, number: int, run_id: str, router: Router, delay: str) -> None:
        self.number, self._internet = number, internet
        self._slow_wire: subprocess.Popen[bytes] | None = None
        self.space = Namespace(f"{run_id}-home{number}")
        self.edge = self.space if router == "none" else Namespace(f"{run_id}-router{number}")
        if delay:
            self._slow_wire = slow_wire(self.edge, "net", internet, f"net{number}", delay)
        else:
            wire(self.edge, "net", internet, f"net{number}")
        internet.ip("address", "add", f"10.77.{number}.1/24", "dev", f"net{number}")
        self.address = f"10.77.{number}.2"
        self._take_address()
        if router != "none":
            self._lay_router(router)
        # What befalls the line: verdicts by name, in both directions.
        self.edge.nft(
            "table inet faults {\n"
            " chain in { type filter hook prerouting priority -300; }\n"
            " chain out { type filter hook postrouting priority 300; }\n"
            "}"
        )

    def _take_address(self) -> None:
        self.edge.ip("address", "add", f"{self.address}/24", "dev", "net")
        self.edge.ip("route", "replace", "default", "via", f"10.77.{self.number}.1")

    def _lay_router(self, router: Router) -> None:
        wire(self.space, "lan", self.edge, "lan")
        self.edge.ip("address", "add", f"192.168.{self.number}.1/24", "dev", "lan")
        self.space.ip("address", "add", f"192.168.{self.number}.2/24", "dev", "lan")
        self.space.ip("route", "add", "default", "via", f"192.168.{self.number}.1")
        self.edge.sysctl("net.ipv4.ip_forward", "1")
        # A symmetric router takes another port for each destination (RFC 4787, section 4.1).
        how = " fully-random" if router == "symmetric" else ""
        self.edge.nft(
            "table ip nat {\n"
            f" chain post {{ type nat hook postrouting priority 100; oifname net masquerade{how}; }}\n"
            "}\n"
            "table ip wall {\n"
            " chain forward { type filter hook forward priority 0; policy accept;\n"
            "  iifname net ct state new drop; }\n"
            " chain in { type filter hook input priority 0; policy accept;\n"
            "  iifname net ct state new drop; }\n"
            "}"
        )

    # -- faults

    def drop(self, what: str = "", *, inward: bool = True, outward: bool = True) -> None:
        """Lose what matches an expression of nft's, on its way in, out, or both."""
        if inward:
            self.edge.nft(f"add rule inet faults in iifname net {what} drop")
        if outward:
            self.edge.nft(f"add rule inet faults out oifname net {what} drop")

    def lose(self, percent: int) -> None:
        """Lose packets at random, in both directions."""
        self.drop(f"numgen random mod 100 < {percent}")

    def mend(self) -> None:
        """Lose nothing any more."""
        self.edge.nft("flush table inet faults")

    def limit(self, rate: str) -> None:
        """Let no more pass than a rate, in either direction, such as "2mbit"."""
        for namespace, device in ((self.edge, "net"), (self._internet, f"net{self.number}")):
            run(
                *("tc", "-n", namespace.name, "qdisc", "add", "dev", device, "root"),
                *("tbf", "rate", rate, "burst", "16kb", "latency", "200ms"),
            )

    def set_link(self, state: Literal["up", "down"]) -> None:
        """Pull the cable at its far end, or put it back."""
        self._internet.ip("link", "set", f"net{self.number}", state)
        if state == "up":
            self.edge.ip("route", "replace", "default", "via", f"10.77.{self.number}.1")

    def move(self) -> None:
        """Get another address, as from wireless to wired."""
        self.edge.ip("address", "delete", f"{self.address}/24", "dev", "net")
        self.address = f"10.77.{self.number}.3"
        self._take_address()

    def delete(self) -> None:
        """Remove it."""
        if self._slow_wire is not None:
            # It has made a process group of its own.
            os.killpg(self._slow_wire.pid, signal.SIGKILL)
            self._slow_wire.wait()
        for namespace in {self.space.name: self.space, self.edge.name: self.edge}.values():
            namespace.delete()


class Networks:
    """An internet, and homes around it; used as a context."""

    def __init__(self, *routers: Router, delay: str = "") -> None:
        self._run_id = f"rtcw{uuid.uuid4().hex[:5]}"
        self._routers, self._delay = routers, delay
        self.homes: list[Home] = []

    def __enter__(self) -> Self:
        self.internet = Namespace(f"{self._run_id}-internet")
        try:
            # A TURN server drops an allocation when there is no way to a candidate at all.
            self.internet.ip("link", "add", "void", "type", "veth", "peer", "name", "void2")
            for device in ("void", "void2"):
                self.internet.ip("link", "set", device, "up")
            self.internet.ip("address", "add", f"{INTERNET}/32", "dev", "lo")
            self.internet.ip("address", "add", "10.80.0.1/24", "dev", "void")
            self.internet.ip("route", "add", "default", "dev", "void")
            self.internet.sysctl("net.ipv4.ip_forward", "1")
            for number, router in enumerate(self._routers, 1):
                self.homes.append(Home(self.internet, number, self._run_id, router, self._delay))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        for home in self.homes:
            home.delete()
        # Also what was not finished.
        for line in run("ip", "netns", "list").splitlines():
            if line.startswith(f"{self._run_id}-"):
                run("ip", "netns", "delete", line.split()[0])

    def close_all_but(self, port: int | None) -> None:
        """Let nothing pass between homes but connections to a TCP port."""
        self.internet.nft(
            "table inet wall {\n"
            " chain forward { type filter hook forward priority 0; policy drop;\n"
            f"  ct state established accept; tcp dport {port} accept; }}\n"
            "}"
        )

    def open_all(self) -> None:
        """Let everything pass again."""
        self.internet.nft("delete table inet wall")

    def start(self, home: Home | None, command: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        """Run a program in a home, or in the middle."""
        namespace = self.internet if home is None else home.space
        return subprocess.Popen([*namespace.prefix, *command], text=True, **options)
