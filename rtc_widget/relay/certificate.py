"""The certificate of a relay that is reached by TLS: the user's own, or one that is made on the spot."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import re
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ..errors import RelayError
from ..runtime.files import PRIVATE_FILE, replacing

_VALID: Final = datetime.timedelta(days=90)
# Of what is left of that, so that a call does not end with its certificate.
_LEAST: Final = datetime.timedelta(days=2)
_PEM: Final = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def make_certificate(path: Path, hosts: Iterable[str]) -> None:
    """Make a certificate that nobody has signed, with its key in the same file, unless a good one is there.

    Browsers warn of it; who compares its fingerprint may go on.

    Parameters
    ----------
    path : Path
        The file, which only its owner reads.
    hosts : iterable of str
        Addresses and names that it is to be good for.

    Raises
    ------
    RelayError
        ``relay_failed`` without the package cryptography, or when the file cannot be written.
    """
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
    except ImportError:
        msg = (
            "Making a certificate needs the package cryptography, which is not installed: pip install cryptography, "
            "or give your own with certificate= and key=."
        )
        raise RelayError("relay_failed", msg) from None
    names = [_general_name(x509, host) for host in dict.fromkeys(hosts)]
    if _is_good(x509, path, names):
        return
    now = datetime.datetime.now(datetime.UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rtc_widget relay")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks differ.
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    try:
        with replacing(path, PRIVATE_FILE) as file:
            file.write(secret + certificate.public_bytes(pem))
    except OSError as error:
        msg = f"The certificate {path.name} cannot be written: {error.strerror}."
        raise RelayError("relay_failed", msg) from error


def _general_name(x509: Any, host: str) -> Any:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _is_good(x509: Any, path: Path, names: list[Any]) -> bool:
    """Tell whether the file has a certificate of ours that is good for all names and for some time yet."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    return left > _LEAST and set(names) <= set(known)


def server_context(certificate: Path, key: Path | None = None) -> tuple[ssl.SSLContext, str]:
    """Load a certificate.

    Parameters
    ----------
    certificate : Path
        A file in PEM format, with the certificates that have signed it behind it.
    key : Path, optional
        A file with its key, without a password; the certificate's own when left out.

    Returns
    -------
    (ssl.SSLContext, str)
        For a server, and the certificate's fingerprint: SHA-256, as browsers show it.

    Raises
    ------
    RelayError
        ``relay_failed`` when a file cannot be read, or the two do not belong together.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # Without a password OpenSSL would ask for one, at a terminal that a relay does not have.
        context.load_cert_chain(certificate, key, password="")
        first = _PEM.search(certificate.read_text("ascii", "replace"))
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(first[0] if first else "")).hexdigest().upper()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        msg = (
            f"The certificate {certificate.name} cannot be used ({reason}): it has to be in PEM format, with its key, "
            "which has no password."
        )
        raise RelayError("relay_failed", msg) from error
    return context, ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))
