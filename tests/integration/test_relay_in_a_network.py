"""`Relay.local(share=True)` in a network of the test's own: what another machine reaches there, and what not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.support.networks import Networks, needs_namespaces
from tests.support.processes import end_processes, marked_processes

if TYPE_CHECKING:
    from pathlib import Path

MARK = "RTC_WIDGET_TEST_SHARED_RELAY"

SHARE = """
import json, sys
from rtc_widget import Relay
relay = Relay.local(share=True)
link = relay.link("demo", max_uses=1)
print(json.dumps({"url": relay.url, "shared": relay.shared_url, "fingerprint": relay.fingerprint, "link": link.url}), flush=True)
sys.stdin.read()
"""

VISIT = """
import hashlib, json, socket, ssl, sys, urllib.error, urllib.request
from urllib.parse import urlsplit
given = json.loads(sys.argv[1])
there = urlsplit(given["link"])
certificate = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((there.hostname, there.port)))
anything = ssl.create_default_context()
anything.check_hostname, anything.verify_mode = False, ssl.CERT_NONE

def status(url):
    try:
        return urllib.request.urlopen(url, timeout=10, context=anything).status
    except urllib.error.HTTPError as error:
        return error.code

def reaches(port):
    try:
        socket.create_connection((there.hostname, port), 3).close()
    except OSError:
        return False
    return True

root = f"https://{there.netloc}"
print(json.dumps({
    "fingerprint": hashlib.sha256(certificate).hexdigest().upper(),
    "page": status(root + there.path),
    "file": status(root + "/../../etc/passwd"),
    "share": status(urllib.request.Request(root + "/share", method="POST", data=b"{}")),
    "own port": reaches(given["own_port"]),
}))
"""


def test_another_machine_reaches_the_page_by_tls_and_nothing_else(tmp_path: Path) -> None:
    needs_namespaces()
    with Networks("none", "none") as networks:
        here, there = networks.homes
        environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"), MARK: str(tmp_path)}
        sharing = networks.start(
            here,
            [sys.executable, "-c", SHARE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        try:
            assert sharing.stdout is not None
            shared: dict[str, Any] = json.loads(sharing.stdout.readline())
            address = urlsplit(shared["link"])
            given = json.dumps({"link": shared["link"], "own_port": urlsplit(shared["url"]).port})
            visit = networks.start(there, [sys.executable, "-c", VISIT, given], stdout=subprocess.PIPE)
            said, _ = visit.communicate(timeout=60)
        finally:
            sharing.communicate("", timeout=20)
            end_processes(marked_processes(MARK, str(tmp_path)))

    found = json.loads(said)
    # The link leads to this machine as others see it, not to itself.
    assert (address.scheme, address.hostname) == ("https", here.address)
    assert shared["shared"] == f"https://{address.netloc}"
    assert found.pop("fingerprint") == shared["fingerprint"].replace(":", "")
    assert found == {"page": 200, "file": 404, "share": 403, "own port": False}
