"""Asks STUN and TURN servers from this process."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ..ice.inquiry import ask
from ..ice.urls import IceUrl
from .finding import Finding

_SECONDS: Final = 3.0


def urls_of(ice_servers: Iterable[Any]) -> list[str]:
    """Return all URLs of ``RTCIceServer`` dictionaries.

    Parameters
    ----------
    ice_servers : iterable
        The dictionaries.

    Returns
    -------
    list of str
        In order, without duplicates; an empty text for an invalid entry.
    """
    return list(dict.fromkeys(url for server in ice_servers for url in _urls(server)))


def usable(ice_servers: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the dictionaries that can be passed to a browser.

    Parameters
    ----------
    ice_servers : iterable
        The dictionaries.

    Returns
    -------
    list of dict
        Those whose URLs are texts.
    """
    return [dict(server) for server in ice_servers if all(_urls(server))]


def _urls(server: Any) -> Sequence[str]:
    urls = server.get("urls") if isinstance(server, Mapping) else None
    if isinstance(urls, list | tuple) and urls and all(isinstance(url, str) for url in urls):
        return urls
    return [urls if isinstance(urls, str) else ""]


def credentials(ice_servers: Iterable[Any], url: str) -> tuple[str, str]:
    """Return what a server is asked with.

    Parameters
    ----------
    ice_servers : iterable
        The dictionaries.
    url : str
        One of `urls_of`.

    Returns
    -------
    (str, str)
        User name and password, empty where there are none.
    """
    server = next((each for each in ice_servers if url in _urls(each)), None)
    given = server if isinstance(server, Mapping) else {}
    return str(given.get("username", "")), str(given.get("credential", ""))


async def check(url: str, username: str = "", credential: str = "") -> Finding:
    """Check whether a server serves this process, and how fast it answers.

    Parameters
    ----------
    url : str
        Such as "stun:stun.example.org:3478".
    username, credential : str
        For TURN.

    Returns
    -------
    Finding
        The finding.
    """
    read = IceUrl.parse(url)
    if read is None:
        return Finding(
            "ICE server",
            "problem",
            "An address in ice_servers= is not that of a STUN or TURN server.",
            "Write it as stun:host:port or turn:host:port, with credentials in separate fields.",
        )
    began = time.perf_counter()
    outcome = await ask(read, username, credential, _SECONDS)
    taken = (time.perf_counter() - began) * 1000
    match outcome:
        case "serves":
            did = "Answered the kernel" if read.service == "stun" else "Gave the kernel a relayed address"
            return Finding(url, "good", f"{did} in {taken:.0f} ms.")
        case "refuses":
            return Finding(
                url,
                "problem",
                "The server refuses the credentials.",
                "Compare the secret or password with the server's, and the two machines' clocks.",
            )
        case "full":
            return Finding(
                url,
                "problem",
                "The server is full, or this user's share of it is.",
                "Try later, or use another server.",
            )
    return Finding(
        url,
        "warning",
        "Did not answer the kernel; a browser may still reach it.",
        "Check the address, and whether the network allows UDP; otherwise use a TURN server over TCP."
        if read.transport == "udp"
        else "Check the address, and for turns: whether this machine trusts the server's certificate.",
    )


def concluded(findings: Iterable[Finding]) -> list[Finding]:
    """Conclude what it means when servers answer over TCP alone, or none of several does.

    Parameters
    ----------
    findings : iterable of Finding
        Those of `check`, and others.

    Returns
    -------
    list of Finding
        One finding, or none.
    """
    read = [(IceUrl.parse(each.check), each.state) for each in findings]
    over_udp = [state for url, state in read if url is not None and url.transport == "udp"]
    over_tcp = [state for url, state in read if url is not None and url.transport != "udp"]
    if over_udp and over_tcp and all(state == "warning" for state in (*over_udp, *over_tcp)):
        return [
            Finding(
                "Network",
                "warning",
                "No server answers, over UDP or over TCP.",
                "This machine may have no network, or one that lets through nothing but the web: then a TURN server at turns:host:443?transport=tcp helps.",
            )
        ]
    if "good" not in over_tcp or not over_udp or any(state != "warning" for state in over_udp):
        return []
    return [
        Finding(
            "UDP",
            "warning",
            "No server answers the kernel over UDP, and one does over TCP: this network seems to block UDP.",
            "Calls go through the TURN server over TCP; a network that lets UDP pass has less delay.",
        )
    ]
