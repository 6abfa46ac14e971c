"""Debian's TURN server on a port of its own, with credentials by a shared secret."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING, Any, Self

import pytest

from rtc_widget import TurnServer
from rtc_widget.ice.inquiry import ask
from rtc_widget.ice.urls import IceUrl
from tests.support.waiting import wait_for, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rtc_widget.ice.inquiry import Outcome

SECRET = "the secret of the tests' TURN server"
HOST = "127.0.0.1"


def program() -> str:
    """Return the path of coturn; skip the test where there is none."""
    found = shutil.which("turnserver")
    if found is None:
        pytest.skip("there is no coturn; `make setup` installs it where it may")
    return found


class Coturn:
    """A running server.

    Parameters
    ----------
    folder : Path
        For its certificate and its log.
    host : str
        The address on which it listens and relays.
    prefix : sequence of str
        What runs it elsewhere, such as ``ip netns exec …``.
    more : str
        Further options, such as ``--no-udp``.
    """

    def __init__(self, folder: Path, *more: str, host: str = HOST, prefix: Sequence[str] = ()) -> None:
        self._host = host
        self.port, self.tls_port = free_port(), free_port()
        self.authority = folder / "authority.pem"
        write_certificate(folder, host)
        self._log = folder / "turn.log"
        options = [
            *(
                "-n",
                "--no-cli",
                "--no-dtls",
                "--log-file",
                "stdout",
                "--verbose",
                "--pidfile",
                str(folder / "pid"),
            ),
            *("--listening-ip", host, "--relay-ip", host, "--allow-loopback-peers"),
            *("--listening-port", str(self.port), "--tls-listening-port", str(self.tls_port)),
            *("--cert", str(folder / "certificate.pem"), "--pkey", str(folder / "key.pem")),
            *("--use-auth-secret", "--static-auth-secret", SECRET, "--realm", "tests"),
            *("--userdb", str(folder / "turndb")),
        ]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*prefix, program(), *options, *more], stdout=log, stderr=subprocess.STDOUT, cwd=folder
            )

    def wait(self) -> Self:
        """Wait until it listens."""
        wait_until(lambda: "TLS/TCP listener opened" in self.log or self._ended(), 20, "coturn listening")
        return self

    def _ended(self) -> bool:
        if self._process.poll() is not None:
            message = f"coturn has ended: {self.log[-2000:]}"
            raise RuntimeError(message)
        return False

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text()

    def url(self, transport: str) -> str:
        """Return its address by "udp", "tcp" or "tls"."""
        if transport == "tls":
            return f"turns:{self._host}:{self.tls_port}?transport=tcp"
        return f"turn:{self._host}:{self.port}?transport={transport}"

    def server(self, *transports: str, secret: str = SECRET, **more: Any) -> TurnServer:
        """Return it as users name it."""
        return TurnServer(*map(self.url, transports or ("udp",)), secret=secret, **more)

    async def answer(self, server: dict[str, Any]) -> Outcome:
        """Return what it says to credentials, over the first of their addresses."""
        url = IceUrl.parse(server["urls"][0])
        assert url is not None
        return await ask(url, server["username"], server["credential"], 5)

    async def has_ended(self, server: dict[str, Any]) -> None:
        """Wait until credentials are refused. Its clock is a few seconds late at times."""

        async def refused() -> bool:
            return await self.answer(server) == "refuses"

        await wait_for(refused, 30, "the end of the credentials")

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def free_port() -> int:
    """Return a port that is free for UDP and TCP now."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind((HOST, 0))
            with contextlib.suppress(OSError):
                tcp.bind((HOST, udp.getsockname()[1]))
                return int(udp.getsockname()[1])


def write_certificate(folder: Path, host: str) -> None:
    """Write an authority, and a certificate of it for an address."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = datetime.datetime.now(datetime.UTC)
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("tests", host)]
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in names]

    def certificate(number: int) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(names[number])
            .issuer_name(names[0])
            .public_key(keys[number].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=number == 0, path_length=None), critical=True)
        )

    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    signed = {
        "authority.pem": certificate(0).sign(keys[0], hashes.SHA256()),
        "certificate.pem": certificate(1)
        .add_extension(alternative, critical=False)
        .sign(keys[0], hashes.SHA256()),
    }
    for name, made in signed.items():
        (folder / name).write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
