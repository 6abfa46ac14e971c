"""Debian's nginx in front of a notebook server, with TLS, on a port of its own."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from rtc_widget.relay.certificate import make_certificate
from tests.support.host_servers import running
from tests.support.processes import free_port
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

# As in docs/hosts/nginx.md, and what lets it run beside others, with files below a folder alone.
CONFIGURATION = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{
        default upgrade;
        "" close;
    }}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {certificate};
        client_max_body_size 100m;
        location {path} {{
            proxy_pass {upstream};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 1h;
        }}
    }}
}}
"""


def program() -> str:
    """Return the path of nginx; skip the test where there is none."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        pytest.skip("there is no nginx; `make setup` installs it where it may")
    return found


@asynccontextmanager
async def nginx(folder: Path, host: str, path: str, upstream: str) -> AsyncIterator[str]:
    """Serve what ``upstream`` has at a path, by TLS under a name of this machine's; yield the address."""
    port = free_port()
    certificate = folder / "certificate.pem"
    make_certificate(certificate, [host])
    configuration = folder / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(
            user="user root;" if os.getuid() == 0 else "",
            folder=folder,
            port=port,
            certificate=certificate,
            path=path,
            upstream=upstream,
        )
    )
    async with running(folder, [program(), "-c", str(configuration), "-p", str(folder)]) as process:
        await wait_for(lambda: process.is_alive and (folder / "nginx.pid").exists(), 20, "nginx")
        yield f"https://{host}:{port}"
