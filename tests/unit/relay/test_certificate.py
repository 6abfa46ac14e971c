"""The certificate of a relay that others reach."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import ssl
import stat
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from rtc_widget.errors import RelayError
from rtc_widget.relay import certificate
from rtc_widget.relay.certificate import make_certificate, server_context


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "relay.pem"


def test_a_made_certificate_is_good_for_its_hosts_and_its_key_is_its_owners_alone(file: Path) -> None:
    make_certificate(file, ["192.0.2.7", "laptop.example.org", "192.0.2.7"])

    made = x509.load_pem_x509_certificate(file.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("192.0.2.7")]
    assert names.get_values_for_type(x509.DNSName) == ["laptop.example.org"]
    # Nobody signs others with it.
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    context, fingerprint = server_context(file)
    assert isinstance(context, ssl.SSLContext)
    assert fingerprint.replace(":", "").lower() == hashlib.sha256(_der(made)).hexdigest()


def _der(made: x509.Certificate) -> bytes:
    return made.public_bytes(serialization.Encoding.DER)


def test_a_made_certificate_is_kept_until_it_is_no_longer_good(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_certificate(file, ["192.0.2.7", "127.0.0.1"])
    first = server_context(file)[1]
    make_certificate(file, ["127.0.0.1"])
    assert server_context(file)[1] == first

    make_certificate(file, ["192.0.2.8"])
    second = server_context(file)[1]
    assert second != first

    monkeypatch.setattr(certificate, "_LEAST", datetime.timedelta(days=91))
    make_certificate(file, ["192.0.2.8"])
    assert server_context(file)[1] != second


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"]
)
def test_a_damaged_file_is_replaced(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    make_certificate(file, ["127.0.0.1"])

    assert server_context(file)


def test_without_the_package_it_says_what_to_install(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)

    with pytest.raises(RelayError, match=r"pip install cryptography.*certificate= and key=") as missing:
        make_certificate(file, ["127.0.0.1"])

    assert missing.value.code == "relay_failed"


def test_a_certificate_that_cannot_be_used_is_named(file: Path, tmp_path: Path) -> None:
    make_certificate(file, ["127.0.0.1"])
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    locked = tmp_path / "locked.pem"
    secret = serialization.BestAvailableEncryption(b"a password")
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    locked.write_bytes(key.private_bytes(pem, pkcs8, secret))
    empty = tmp_path / "empty.pem"
    empty.write_text("")

    for paths in ((file, locked), (tmp_path / "missing.pem", None), (empty, None)):
        with pytest.raises(RelayError, match=r"\.pem cannot be used") as refused:
            server_context(*paths)
        assert refused.value.code == "relay_failed"
