"""Messages of STUN (RFC 8489) and TURN (RFC 8656), as far as a client and a lesson's server have to read and write them."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

Address = tuple[str, int]

BINDING: Final = 0x0001
ALLOCATE: Final = 0x0003
REFRESH: Final = 0x0004
SEND: Final = 0x0016
DATA_INDICATION: Final = 0x0017
CREATE_PERMISSION: Final = 0x0008
CHANNEL_BIND: Final = 0x0009
SUCCESS: Final = 0x0100
ERROR: Final = 0x0110

USERNAME: Final = 0x0006
INTEGRITY: Final = 0x0008
ERROR_CODE: Final = 0x0009
CHANNEL_NUMBER: Final = 0x000C
LIFETIME: Final = 0x000D
PEER_ADDRESS: Final = 0x0012
DATA: Final = 0x0013
REALM: Final = 0x0014
NONCE: Final = 0x0015
RELAYED_ADDRESS: Final = 0x0016
REQUESTED_TRANSPORT: Final = 0x0019
MAPPED_ADDRESS: Final = 0x0020

_COOKIE: Final = 0x2112A442
_HEADER: Final = struct.Struct("!HHI12s")
_IPV4: Final = 1


@dataclass(frozen=True, slots=True)
class StunMessage:
    """A message.

    Attributes
    ----------
    kind : int
        Method and class, such as `ALLOCATE` or ``ALLOCATE | SUCCESS`` (RFC 8489, section 5).
    transaction : bytes
        Twelve bytes that a response has of its request.
    attributes : sequence of (int, bytes)
        In order; a type may occur more than once.
    signed : bytes
        What its MESSAGE-INTEGRITY covers, with the length that it is computed with; empty without one.
    """

    kind: int
    transaction: bytes
    attributes: Sequence[tuple[int, bytes]] = field(default_factory=tuple)
    signed: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> Self | None:
        """Read a datagram.

        Parameters
        ----------
        data : bytes
            The datagram.

        Returns
        -------
        StunMessage or None
            None for what is none.
        """
        if len(data) < _HEADER.size:
            return None
        kind, length, cookie, transaction = _HEADER.unpack_from(data)
        if cookie != _COOKIE or kind > 0x3FFF or length != len(data) - _HEADER.size:
            return None
        attributes: list[tuple[int, bytes]] = []
        signed = b""
        at = _HEADER.size
        while at + 4 <= len(data):
            name, size = struct.unpack_from("!HH", data, at)
            value = data[at + 4 : at + 4 + size]
            if len(value) < size:
                return None
            if name == INTEGRITY and not signed:
                # As if the message ended with it (RFC 8489, section 14.5).
                signed = data[:2] + struct.pack("!H", at + 24 - _HEADER.size) + data[4:at]
            attributes.append((name, value))
            at += 4 + size + -size % 4
        return cls(kind, transaction, tuple(attributes), signed)

    def get(self, name: int) -> bytes | None:
        """Return the first attribute of a type.

        Parameters
        ----------
        name : int
            The type.

        Returns
        -------
        bytes or None
            None without one.
        """
        return next((value for each, value in self.attributes if each == name), None)

    def addresses(self, name: int) -> list[Address]:
        """Return the addresses in the attributes of a type; IPv4 only.

        Parameters
        ----------
        name : int
            The type, of which the values are as XOR-MAPPED-ADDRESS has them.

        Returns
        -------
        list of (str, int)
            Host and port.
        """
        found = []
        for each, value in self.attributes:
            if each == name and len(value) == 8 and value[1] == _IPV4:
                port, host = struct.unpack_from("!HI", value, 2)
                found.append((str(ipaddress.IPv4Address(host ^ _COOKIE)), port ^ (_COOKIE >> 16)))
        return found

    def is_signed_with(self, key: bytes) -> bool:
        """Check its MESSAGE-INTEGRITY.

        Parameters
        ----------
        key : bytes
            Of `key_of`.

        Returns
        -------
        bool
            Whether it is there, and made with this key.
        """
        return bool(self.signed) and hmac.compare_digest(_sign(self.signed, key), self.get(INTEGRITY) or b"")

    def pack(self, key: bytes | None = None) -> bytes:
        """Write a datagram.

        Parameters
        ----------
        key : bytes, optional
            With which it is to be signed.

        Returns
        -------
        bytes
            The datagram.
        """
        body = b"".join(_attribute(name, value) for name, value in self.attributes)
        if key is None:
            return _HEADER.pack(self.kind, len(body), _COOKIE, self.transaction) + body
        covered = _HEADER.pack(self.kind, len(body) + 24, _COOKIE, self.transaction) + body
        return covered + _attribute(INTEGRITY, _sign(covered, key))


def _attribute(name: int, value: bytes) -> bytes:
    return struct.pack("!HH", name, len(value)) + value + bytes(-len(value) % 4)


def _sign(covered: bytes, key: bytes) -> bytes:
    return hmac.new(key, covered, hashlib.sha1).digest()


def key_of(username: str, realm: str, password: str) -> bytes:
    """Return the key of long-term credentials (RFC 8489, section 9.2.2).

    Parameters
    ----------
    username, realm, password : str
        The credentials.

    Returns
    -------
    bytes
        The key.
    """
    return hashlib.md5(f"{username}:{realm}:{password}".encode(), usedforsecurity=False).digest()


def xor_address(address: Address) -> bytes:
    """Write an address as XOR-MAPPED-ADDRESS has it (RFC 8489, section 14.2); IPv4 only.

    Parameters
    ----------
    address : (str, int)
        Host and port.

    Returns
    -------
    bytes
        The attribute's value.
    """
    host = int(ipaddress.IPv4Address(address[0])) ^ _COOKIE
    return struct.pack("!xBHI", _IPV4, address[1] ^ (_COOKIE >> 16), host)
