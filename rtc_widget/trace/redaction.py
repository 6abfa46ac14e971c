"""Removes identities and addresses from session descriptions and candidates."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from ..errors import InvalidArgumentError

# Addresses that identify nobody: unspecified, loopback, and the default before gathering (RFC 8829, 5.2.1).
_HARMLESS: Final = frozenset({"0.0.0.0", "127.0.0.1", "::", "::1"})  # noqa: S104
_HARMLESS_PORTS: Final = frozenset({"0", "9"})
# Of the web, STUN and TURN: everybody's.
_SERVICE_PORTS: Final = frozenset({"80", "443", "3478", "5349"})

PRIVATE_FIELDS: Final = frozenset(
    [
        "port",
        "relatedport",
        "localport",
        "remoteport",
        "address",
        "relatedaddress",
        "ip",
        "username",
        "password",
        "pwd",
        "credential",
        "secret",
        "token",
        "fingerprint",
        "deviceid",
        "groupid",
        "label",
        "url",
    ]
)
"""Report fields, in small letters, that are private whatever their value; no trace of ours has any of them."""

_V4: Final = r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)"
_V4_ADDRESS: Final = re.compile(_V4)
_ANYWHERE: Final = re.compile(
    # Section numbers of RFCs look like addresses.
    r"(?P<cited>\bRFC \d+, \d{1,2}(?:\.\d{1,2}){3}(?![\d.]*\d))"
    # Only from the beginning of a word: from everywhere, a long one would cost the square of its length.
    r"|(?P<name>(?<![\w-])[\w-]+\.local)\b"
    rf"|(?P<v4>{_V4})"
    r"|(?P<v6>(?<![\w.])[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%\w+)?)"
)

# Limits of the cache of lines: length, and number.
_SHORT, _MOST = 512, 20_000
# Secrets that a text quotes.
_SECRETS: Final = re.compile(
    r"((?:\b|(?<=\\[rn]))a=(?:ice-(?:ufrag|pwd)|fingerprint|tls-id|crypto|identity):|\b(?:credential|password|token)=|\b(?=eyJ))"
    r"((?:sha-\d+ )?[^\s,;\"\\]+)"
)
# Fields of JSON that a text quotes, perhaps within a string of JSON, where quotes are escaped.
_FIELDS: Final = re.compile(
    rf"(?i)(\\{{0,4}}\"(?:{'|'.join(sorted(PRIVATE_FIELDS))}|usernamefragment)\\{{0,4}}\"\s{{0,4}}:\s{{0,4}})"
    r"(?:(\\{0,4}\")([^\"\\]+)|([^\s\"\\,}\]]+))"
)
# Ports beside an address that has been replaced, and those that are called so.
_PORTS: Final = re.compile(
    r"(\[(?:address|name)-\d{1,9}\](?:\.local)?\]?:|(?<![\w-])r?port[ =:]{1,3})(\d{1,5})(?!\d)"
)
# A description that JSON quotes.
_ESCAPED_BREAK: Final = re.compile(r"((?:\\{1,4}[rn])+)")
# Where prose quotes a description, perhaps as a string of JSON.
_QUOTED_DESCRIPTION: Final = re.compile(r"v=0(?:\\{1,4}[rn]|[\r\n])")
# Bounded, as it is looked for anywhere in a text.
_QUOTED_CANDIDATE: Final = re.compile(
    r"(?P<head>\bcandidate:)(?P<foundation>\S{1,64})(?P<mid> \d{1,5} \S{1,16} \d{1,10} )"
    r"(?P<address>\S{1,256}) (?P<port>\d{1,5})(?P<rest> typ [^\"\\]*)"
)

_CANDIDATE: Final = re.compile(
    r"(?P<head>(?:a=)?candidate:)(?P<foundation>\S+)(?P<mid> \d+ \S+ \d+ )(?P<address>\S+) (?P<port>\d+)(?P<rest> typ .*)"
)


class Redactor:
    """Replaces private values by placeholders, equal values by the same one, so that changes can still be seen.

    Replaced are IP addresses, mDNS names, ports, candidates' foundations (which are computed from the address), ICE
    user names and passwords, fingerprints, and the ids of streams, tracks and senders.
    """

    def __init__(self) -> None:
        self._placeholders: dict[tuple[str, str], str] = {}
        self._counts: Counter[str] = Counter()
        self._cache: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Redact a session description, some of its lines, a candidate or a sentence.

        Parameters
        ----------
        text : str
            The text.

        Returns
        -------
        str
            The text with placeholders.
        """
        # Consecutive descriptions share most of their lines.
        return "\n".join(map(self._cached, text.splitlines()))

    def _cached(self, line: str) -> str:
        known = self._cache.get(line)
        if known is None:
            known = self._line(line)
            if len(line) <= _SHORT:
                if len(self._cache) >= _MOST:
                    self._cache.clear()
                self._cache[line] = known
        return known

    def words(self, text: str) -> str:
        """Redact prose, in which addresses with their ports, candidates and quoted secrets of ICE and DTLS are private.

        Parameters
        ----------
        text : str
            The text.

        Returns
        -------
        str
            The text with placeholders.
        """
        if _QUOTED_DESCRIPTION.search(text):
            return "\n".join(self._line(line) for line in text.splitlines())
        text = _QUOTED_CANDIDATE.sub(self.candidate, text)
        text = _FIELDS.sub(
            lambda match: f"{match[1]}{match[2] or ''}{self.name('private', match[3] or match[4])}", text
        )
        text = _SECRETS.sub(lambda match: f"{match[1]}{self.name('secret', match[2])}", text)
        return _PORTS.sub(self._replace_port, self._anywhere(text))

    def _replace_port(self, match: re.Match[str]) -> str:
        return match[0] if match[2] in _SERVICE_PORTS else f"{match[1]}{self.port(match[2])}"

    def _line(self, line: str) -> str:
        parts = _ESCAPED_BREAK.split(line)
        if len(parts) > 1:
            return "".join(part if number % 2 else self._line(part) for number, part in enumerate(parts))
        for pattern, replace in _LINES:
            match = pattern.fullmatch(line)
            if match:
                return self._anywhere(replace(self, match))
        return self.words(line)

    def _anywhere(self, text: str) -> str:
        # Every address contains one of these characters, and most lines have neither.
        if "." not in text and ":" not in text:
            return text
        return _ANYWHERE.sub(self._replace_address, text)

    def _replace_address(self, match: re.Match[str]) -> str:
        text = match[0]
        if match["cited"] is not None:
            return text
        if match["v6"] is None:
            return self.address(text)
        # Times and extension names contain colons too, so it must parse as an address.
        bare = text.rstrip(".:") if not text.endswith("::") else text
        try:
            ipaddress.ip_address(bare)
        except ValueError:
            # The part before a colon may look like the beginning of an IPv6 address: "face:192.0.2.1".
            return _V4_ADDRESS.sub(lambda found: self.address(found[0]), text)
        return self.address(bare) + text[len(bare) :]

    def name(self, kind: str, value: str) -> str:
        """Return the placeholder of a value.

        Parameters
        ----------
        kind : str
            The kind of value, which the placeholder names.
        value : str
            The value.

        Returns
        -------
        str
            Such as "[ufrag-1]".
        """
        known = self._placeholders.get((kind, value))
        if known is None:
            self._counts[kind] += 1
            known = self._placeholders[kind, value] = f"[{kind}-{self._counts[kind]}]"
        return known

    def field(self, key: str, value: Any) -> Any:
        """Redact a field of an event.

        Parameters
        ----------
        key : str
            The field's name.
        value : object
            Its value, which is no list and no object.

        Returns
        -------
        object
            A placeholder for what is private by its name; a text with placeholders; anything else as it is.
        """
        if value is not None and key.lower() in PRIVATE_FIELDS:
            return self.name("private", str(value))
        if not isinstance(value, str) or not value:
            return value
        return self.name("ufrag", value) if key == "usernameFragment" else self(value)

    def address(self, value: str) -> str:
        """Return the placeholder of an address or mDNS name.

        Parameters
        ----------
        value : str
            The address; a placeholder is returned unchanged, and so are loopback and unspecified addresses.

        Returns
        -------
        str
            The placeholder.
        """
        if value in _HARMLESS or value.startswith("["):
            return value
        return (
            self.name("name", value) + ".local" if value.endswith(".local") else self.name("address", value)
        )

    def port(self, value: str) -> str:
        """Return the placeholder of a port.

        Parameters
        ----------
        value : str
            The port; 0 and 9 are returned unchanged (RFC 8829, 5.2.1).

        Returns
        -------
        str
            The placeholder.
        """
        return value if value in _HARMLESS_PORTS else self.name("port", value)

    def candidate(self, match: re.Match[str]) -> str:
        """Redact a candidate, of which type, priority and protocol remain (RFC 8839, 5.1).

        Parameters
        ----------
        match : re.Match[str]
            Of a candidate line.

        Returns
        -------
        str
            The redacted line.
        """
        foundation = self.name("foundation", match["foundation"])
        location = f"{self.address(match['address'])} {self.port(match['port'])}"
        rest = re.sub(r"\braddr (\S+)", lambda m: f"raddr {self.address(m[1])}", match["rest"])
        rest = re.sub(r"\brport (\d+)", lambda m: f"rport {self.port(m[1])}", rest)
        rest = re.sub(r"\bufrag (\S+)", lambda m: f"ufrag {self.name('ufrag', m[1])}", rest)
        return f"{match['head']}{foundation}{match['mid']}{location}{rest}"

    def rtcp(self, match: re.Match[str]) -> str:
        """Redact an ``a=rtcp`` line (RFC 3605).

        Parameters
        ----------
        match : re.Match[str]
            Of the line.

        Returns
        -------
        str
            The redacted line.
        """
        location = self.address(match[4]) if match[4] else ""
        return f"{match[1]}{self.port(match[2])}{match[3] or ''}{location}"

    def origin(self, match: re.Match[str]) -> str:
        """Redact an ``o=`` line, of which session id and version remain, a random number and a counter (RFC 8829, 5.2.1).

        Parameters
        ----------
        match : re.Match[str]
            Of the line.

        Returns
        -------
        str
            The redacted line.
        """
        # Browsers write a hyphen or their own name, neither of which is private.
        user = match[1] if match[1] == "-" or match[1].startswith("mozilla") else self.name("user", match[1])
        return f"o={user}{match[2]}{self.address(match[3])}"


def _named(kind: str) -> Callable[[Redactor, re.Match[str]], str]:
    """Replace all words of a match's last group by placeholders of a kind."""

    def replace(redactor: Redactor, match: re.Match[str]) -> str:
        words = match[match.lastindex or 0].split()
        kept = " ".join(word if word in ("-", "*", "WMS") else redactor.name(kind, word) for word in words)
        return match[0][: match.start(match.lastindex or 0)] + kept

    return replace


_LINES: Final[tuple[tuple[re.Pattern[str], Callable[[Redactor, re.Match[str]], str]], ...]] = (
    (_CANDIDATE, Redactor.candidate),
    (re.compile(r"a=ice-ufrag:(.+)"), _named("ufrag")),
    (re.compile(r"a=ice-pwd:(.+)"), _named("password")),
    (re.compile(r"a=fingerprint:\S+ (.+)"), _named("fingerprint")),
    (re.compile(r"a=tls-id:(.+)"), _named("tls-id")),
    (re.compile(r"a=identity:(.+)"), _named("identity")),
    (re.compile(r"a=crypto:(.+)"), _named("key")),
    (re.compile(r"a=msid(?:-semantic)?: ?(.+)"), _named("media")),
    (re.compile(r"a=ssrc:\d+ cname:(.+)"), _named("sender")),
    (re.compile(r"a=ssrc:\d+ (?:msid|mslabel|label):(.+)"), _named("media")),
    (re.compile(r"[siuep]=(.+)"), _named("text")),
    (
        re.compile(r"(m=\w+ )(\d+)( .+)"),
        lambda redactor, match: f"{match[1]}{redactor.port(match[2])}{match[3]}",
    ),
    (re.compile(r"(a=rtcp:)(\d+)( IN IP[46] )?(\S+)?"), Redactor.rtcp),
    (re.compile(r"(c=IN IP[46] )(\S+)"), lambda redactor, match: match[1] + redactor.address(match[2])),
    (re.compile(r"o=(\S+)( \d+ \d+ IN IP[46] )(\S+)"), Redactor.origin),
)


def redacted(text: str) -> str:
    """Redact a session description or candidate.

    Parameters
    ----------
    text : str
        An SDP, some of its lines, a candidate, or a sentence that may contain an address.

    Returns
    -------
    str
        The text with placeholders.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for anything else.

    Examples
    --------
    >>> redacted("a=ice-ufrag:Kp3c")
    'a=ice-ufrag:[ufrag-1]'
    """
    if not isinstance(text, str):
        msg = f"redacted takes a str, such as the sdp of a message, not {type(text).__name__}."
        raise InvalidArgumentError("bad_argument", msg)
    return Redactor()(text)
