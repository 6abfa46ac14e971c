"""Run the relay: ``python -m rtc_widget.relay --host 0.0.0.0 --port 8443 --secret-file relay.secret --certificate relay.pem``."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import secrets
import signal
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web
from jupyter_core.paths import jupyter_runtime_dir

from ..errors import InvalidArgumentError, RelayError
from ..ice.turn_server import TurnServer
from ..runtime.files import private_opener
from ..runtime.tasks import TaskSet
from . import discovery
from .addresses import EVERYWHERE, own_address, own_addresses
from .app import RelayServer
from .certificate import make_certificate, server_context
from .descriptors import AcceptErrors, raise_descriptor_limit
from .origins import OriginPolicy
from .sharing import Sharing
from .silent_connections import SilentConnections
from .tls_listener import listen_by_tls

log = logging.getLogger(__name__)

_LOCAL_IDLE_SECONDS = 30.0
_LOOK_SECONDS = 1.0
_SECRET_CHARACTERS = 16
_SECRET_VARIETY = 8


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rtc_widget.relay", description=__doc__)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument(
        "--secret-file", type=Path, help="file with the secret that signs tokens; created when missing"
    )
    parser.add_argument(
        "--path",
        default="",
        help="folder in which a proxy has the relay, and passes that on, as JupyterHub does: /services/relay",
    )
    parser.add_argument(
        "--origin", action="append", default=[], help="a web origin that may connect; repeatable"
    )
    parser.add_argument(
        "--certificate", type=Path, help="PEM file, to serve https; made with its key when missing"
    )
    parser.add_argument(
        "--key", type=Path, help="PEM file with the certificate's key (default: the same file)"
    )
    parser.add_argument("--ice-servers", type=Path, help="JSON file with a list of RTCIceServer objects")
    parser.add_argument(
        "--turn",
        action="append",
        default=[],
        metavar="URL",
        help="a TURN server for everybody, such as turn:turn.example.org; repeatable, for its other addresses",
    )
    parser.add_argument(
        "--turn-secret-file",
        type=Path,
        help="file with the secret that the TURN server shares with this relay",
    )
    parser.add_argument("--local", action="store_true", help=argparse.SUPPRESS)
    return parser


def _service_secret(path: Path | None) -> str:
    if path is None:
        sys.exit(
            "--secret-file is required: it contains the secret that signs tokens, and is created when missing."
        )
    try:
        if not path.exists():
            with open(path, "x", opener=private_opener) as file:
                file.write(secrets.token_urlsafe(32))
        secret = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        sys.exit(
            f"The secret's file {path} cannot be made or read ({reason}): name one in a folder that exists, and that "
            "the relay's user may write to."
        )
    if len(secret) < _SECRET_CHARACTERS or len(set(secret)) < _SECRET_VARIETY:
        sys.exit(
            f"The secret in {path} can be guessed: it needs at least {_SECRET_CHARACTERS} characters, "
            f"{_SECRET_VARIETY} of them different. Remove the file, and the relay makes a good one."
        )
    return secret


def _service_tls(options: argparse.Namespace) -> tuple[ssl.SSLContext | None, str]:
    """Load the service's certificate, and make it if need be; return its fingerprint as well."""
    if options.certificate is None:
        if options.key is not None:
            sys.exit("--key is the key of a certificate: name that as well, with --certificate.")
        return None, ""
    try:
        if options.key is None and not options.certificate.exists():
            hosts = [own_address(), *own_addresses()] if options.host == EVERYWHERE else [options.host]
            make_certificate(options.certificate, hosts)
        return server_context(options.certificate, options.key)
    except RelayError as error:
        sys.exit(error.message)


def _turn_server(urls: Sequence[str], path: Path | None) -> TurnServer | None:
    if not urls and path is None:
        return None
    if not urls or path is None:
        sys.exit(
            "--turn and --turn-secret-file belong together: the addresses, and the server's static-auth-secret."
        )
    try:
        return TurnServer(*urls, secret=path.read_text())
    except OSError as error:
        sys.exit(f"Cannot read {path}: {error.strerror}.")
    except InvalidArgumentError as error:
        sys.exit(error.message)


async def _serve(
    server: RelayServer, host: str, ports: Sequence[int], tls: ssl.SSLContext | None = None, path: str = ""
) -> tuple[web.AppRunner, int]:
    """Listen on the first of ``ports`` that is free, with everything in the folder ``path``."""
    silent = SilentConnections()
    server.app.middlewares.append(silent.hear)

    listeners: list[asyncio.Server] = []

    async def stop(_app: web.Application) -> None:
        for listener in listeners:
            listener.close()
        await silent.close()

    server.app.on_shutdown.append(stop)
    app = server.app
    if folder := path.strip("/"):
        app = web.Application()
        app.add_subapp(f"/{folder}", server.app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    http = runner.server
    if http is not None:
        silent.watch(http)
    said = ""
    for port in ports:
        try:
            if tls is None or http is None:
                await web.TCPSite(runner, host, port, reuse_address=True).start()
                return runner, runner.addresses[0][1]
            listeners.append(await listen_by_tls(http, host, port, tls))
            return runner, listeners[0].sockets[0].getsockname()[1]
        except OSError as error:
            said = f"Cannot listen on {host}:{port}: {error.strerror}."
    await runner.cleanup()
    sys.exit(said)


def _detach() -> int:
    """Go on in a child, so that whoever started the relay has no process to reap; return where to say `READY`.

    The parent hands on what the child says and ends. POSIX only.
    """
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        answer = os.read(reader, 64)
        os.write(sys.stdout.fileno(), answer)
        os._exit(0 if answer else 1)
    os.close(reader)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return writer


async def _end_when_replaced(entry: discovery.RuntimeEntry, idle: asyncio.Event) -> None:
    """Set ``idle`` once another relay has written the runtime file, because whoever comes now meets there.

    One that hung, or could not accept a connection, would otherwise keep those whom it has, apart from everybody else.
    """
    # Another process sets what is waited for.
    while not entry.is_replaced:  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_SECONDS)
    log.info("Another relay has taken the place of this one, which ends.")
    idle.set()


async def _run(options: argparse.Namespace, parent: int) -> None:
    if options.local:
        known = discovery.read_runtime_file()
        secret = known.secret if known else secrets.token_urlsafe(32)
        ports = [known.port, 0] if known else [0]
        policy = OriginPolicy(options.origin, Path(jupyter_runtime_dir()), secret=secret)
    else:
        secret, ports = _service_secret(options.secret_file), [options.port]
        policy = OriginPolicy(options.origin, secret=secret)
    ice_servers = json.loads(options.ice_servers.read_text()) if options.ice_servers else []
    server = RelayServer(
        secret,
        allow_origin=policy,
        ice_servers=ice_servers,
        turn=_turn_server(options.turn, options.turn_secret_file),
        idle_seconds=_LOCAL_IDLE_SECONDS if options.local else None,
        ledger=(discovery.runtime_file() if options.local else options.secret_file).with_suffix(".used"),
    )
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(AcceptErrors().handle)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.idle.set)
    if options.local:
        await _serve_user(server, secret, options.host, ports, parent)
    else:
        await _serve_others(server, options, ports)


async def _serve_user(server: RelayServer, secret: str, host: str, ports: Sequence[int], parent: int) -> None:
    """Serve the user's own kernels and pages, and other machines once the user asks for that."""
    sharing = Sharing(secret, lambda shared: entry.add(shared))
    sharing.add_to(server.app)
    runner, port = await _serve(server, host, ports)
    sharing.serve_with(runner.server)
    entry = discovery.RuntimeEntry(discovery.LocalRelay(port, secret))
    tasks = TaskSet()
    try:
        entry.write()
        os.write(parent, discovery.READY)
        os.close(parent)
        tasks.spawn(_end_when_replaced(entry, server.idle))
        await server.idle.wait()
    finally:
        entry.remove()
        await tasks.close()
        await sharing.close()
        await runner.cleanup()


async def _serve_others(server: RelayServer, options: argparse.Namespace, ports: Sequence[int]) -> None:
    tls, fingerprint = _service_tls(options)
    runner, port = await _serve(server, options.host, ports, tls, options.path)
    scheme = "http" if tls is None else "https"
    print(
        f"The relay listens on {scheme}://{options.host}:{port} (health: {options.path}/health)", flush=True
    )
    if tls is not None:
        print(f"Its certificate's SHA-256 is {fingerprint}", flush=True)
    try:
        await server.idle.wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """Parse the command line, and serve until idle or terminated."""
    options = _parser().parse_args()
    raise_descriptor_limit()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    asyncio.run(_run(options, _detach() if options.local else -1))


if __name__ == "__main__":
    main()
