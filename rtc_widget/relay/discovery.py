"""Finds the user's own relay on this machine, or starts it.

All kernels of a user share one relay process. The file with its address is in Jupyter's runtime directory, readable
by the user only. It survives a relay that was killed, so that the next one can reuse its secret and, if possible,
its port: tokens remain valid, and browsers reconnect by themselves.
"""

from __future__ import annotations

import http.client
import json
import secrets
import subprocess
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout
from jupyter_core.paths import jupyter_runtime_dir

from ..errors import RelayError
from ..protocol.signaling import PROTOCOL_VERSION
from ..runtime import child_process
from ..runtime.files import PRIVATE_FILE, PRIVATE_FOLDER, replacing
from .addresses import EVERYWHERE, own_address, own_addresses
from .certificate import make_certificate
from .sharing import Shared, ShareRequest, request_sharing
from .tokens import proof

_START_SECONDS = 20.0
_ANSWER_SECONDS = 2.0
# More than the relay writes there.
_RUNTIME_BYTES = 16_384
READY = b"ready"


@dataclass(frozen=True)
class LocalRelay:
    """The port of the user's relay, the secret that signs its tokens, and where else it listens, if it does."""

    port: int
    secret: str
    shared: Shared | None = None

    @property
    def url(self) -> str:
        """The relay's address, on the loopback interface."""
        return f"http://127.0.0.1:{self.port}"

    def __repr__(self) -> str:
        return f"LocalRelay(port={self.port})"


def runtime_file() -> Path:
    """Return the path of the file that describes the local relay of this protocol version.

    Returns
    -------
    Path
        In Jupyter's runtime directory.
    """
    return Path(jupyter_runtime_dir()) / f"rtc_widget-relay-{PROTOCOL_VERSION}.json"


def read_runtime_file() -> LocalRelay | None:
    """Read the runtime file.

    Returns
    -------
    LocalRelay or None
        None when it is missing or invalid.
    """
    try:
        content = json.loads(runtime_file().read_text())
        shared = content.get("shared")
        return LocalRelay(
            int(content["port"]),
            str(content["secret"]),
            shared and Shared(str(shared["host"]), int(shared["port"]), str(shared["fingerprint"])),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def runtime_file_identity() -> tuple[int, int] | None:
    """Tell one runtime file from the next, without opening it: a process may be out of descriptors.

    Returns
    -------
    (int, int) or None
        Equal for as long as nobody has written it anew; None when it is missing.
    """
    try:
        status = runtime_file().stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def write_runtime_file(relay: LocalRelay) -> None:
    """Write the runtime file atomically, with mode 0600.

    Parameters
    ----------
    relay : LocalRelay
        What to write.
    """
    path = runtime_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    with replacing(path, PRIVATE_FILE) as file:
        content = {key: value for key, value in asdict(relay).items() if value is not None}
        file.write(json.dumps(content).encode())


class RuntimeEntry:
    """What a relay that runs has written in the runtime file, as long as no other one has.

    Parameters
    ----------
    relay : LocalRelay
        The relay.
    """

    def __init__(self, relay: LocalRelay) -> None:
        self._relay = relay
        self._identity: tuple[int, int] | None = None

    def write(self) -> None:
        """Write the file."""
        write_runtime_file(self._relay)
        self._identity = runtime_file_identity()

    def add(self, shared: Shared) -> None:
        """Write that the relay listens for other machines as well.

        Parameters
        ----------
        shared : Shared
            Where.
        """
        if not self.is_replaced:
            self._relay = replace(self._relay, shared=shared)
            self.write()

    @property
    def is_replaced(self) -> bool:
        """Whether another relay has written the file."""
        return runtime_file_identity() not in (self._identity, None)

    def remove(self) -> None:
        """Remove the file, unless it is another relay's by now."""
        if read_runtime_file() == self._relay:
            runtime_file().unlink(missing_ok=True)


def answers(relay: LocalRelay, within: float = _ANSWER_SECONDS) -> bool:
    """Return whether a relay with this secret listens there, rather than another program on a port that was freed.

    Parameters
    ----------
    relay : LocalRelay
        The relay to try.
    within : float
        Seconds.

    Returns
    -------
    bool
        False after that time without an answer.
    """
    challenge = secrets.token_hex(16)
    connection = http.client.HTTPConnection("127.0.0.1", relay.port, timeout=within)
    try:
        connection.request("GET", f"/health?challenge={challenge}")
        body = json.loads(connection.getresponse().read(4_096))
        expected = proof(relay.secret, challenge, relay.port)
        return secrets.compare_digest(str(body.get("proof")).encode(), expected.encode())
    except (OSError, http.client.HTTPException, ValueError, AttributeError, RecursionError):
        return False  # whatever another program says
    finally:
        connection.close()


def find_or_start() -> LocalRelay:
    """Return the user's running relay, after starting it if necessary.

    Blocks for a few milliseconds when it is running, for about a second when it has to be started. Callable from
    any thread and from several processes at once: a file lock lets only one of them start it.

    Returns
    -------
    LocalRelay
        The relay.

    Raises
    ------
    RelayError
        ``relay_failed`` when the process does not start within 20 s, or the runtime directory cannot be written.
    """
    relay = read_runtime_file()
    if relay is not None and answers(relay):
        return relay
    path = runtime_file()
    _prepare(path.parent)
    try:
        with FileLock(path.with_suffix(".lock"), timeout=_START_SECONDS):
            relay = read_runtime_file()
            if relay is not None and answers(relay):
                return relay
            _start()
    except Timeout:
        msg = f"Another process has been starting the relay for {_START_SECONDS:.0f} s: remove {path.name}'s lock."
        raise RelayError("relay_failed", msg) from None
    relay = read_runtime_file()
    # It has said that it listens: a busy machine may still keep it from answering.
    if relay is None or not answers(relay, _START_SECONDS):
        msg = f"The relay started but does not answer; its log is {_log_file().name} in Jupyter's runtime directory."
        raise RelayError("relay_failed", msg)
    return relay


def find_and_share(host: str, certificate: Path | None = None, key: Path | None = None) -> LocalRelay:
    """Return the user's running relay, after having it listen for other machines as well, by TLS.

    Parameters
    ----------
    host : str
        An address or name of this machine, or `EVERYWHERE`.
    certificate, key : Path, optional
        The user's own; otherwise one is made, in Jupyter's runtime directory.

    Returns
    -------
    LocalRelay
        The relay.

    Raises
    ------
    RelayError
        ``relay_failed``.
    """
    before = read_runtime_file()
    relay = find_or_start()
    if certificate is None:
        certificate = runtime_file().with_suffix(".pem")
        make_certificate(certificate, [own_address(), *own_addresses()] if host == EVERYWHERE else [host])
    # A relay in the place of another keeps its address for those who know it.
    known = before.shared.port if before is not None and before.shared is not None else 0
    paths = str(certificate.absolute()), None if key is None else str(key.absolute())
    shared = request_sharing(relay.port, relay.secret, ShareRequest(host, *paths, port=known))
    return replace(relay, shared=shared)


def _prepare(folder: Path) -> None:
    """Make the runtime directory, and write there: a relay that cannot has no place left to say why."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(_RUNTIME_BYTES))
    except OSError as error:
        msg = (
            f"The relay needs Jupyter's runtime directory, which cannot be written ({error.strerror}): "
            "free it, or name another one by JUPYTER_RUNTIME_DIR."
        )
        raise RelayError("relay_failed", msg) from error


def _log_file() -> Path:
    return runtime_file().with_suffix(".log")


def _start() -> None:
    """Run the relay in a session of its own, so that interrupting or restarting a kernel does not reach it.

    The command detaches: it ends when the relay listens, with `READY` as its output, or when that failed.
    """
    with _log_file().open("w") as log:
        try:
            answer = subprocess.run(  # noqa: S603
                child_process.command("rtc_widget.relay", "--local"),
                env=child_process.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                cwd=Path.home(),
                timeout=_START_SECONDS,
                check=False,
            ).stdout
        except subprocess.TimeoutExpired:
            answer = b""
    if answer != READY:
        msg = f"The relay did not start; see {_log_file().name} in Jupyter's runtime directory."
        raise RelayError("relay_failed", msg)
