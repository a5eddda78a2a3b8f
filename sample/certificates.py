"""Certificates for the sample's HTTPS hosts, made when first asked for."""

from __future__ import annotations

import ssl
import tempfile
import warnings
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Kind = Literal["self_signed", "expired", "mismatched", "old_protocol"]


@cache
def context(host: str, kind: Kind) -> ssl.SSLContext:
    """Return a server's TLS context for ``host``; every kind is signed by itself.

    'expired' is past its date, 'mismatched' names another host, 'old_protocol' speaks TLS 1.1
    at most.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.pem"
        file.write_bytes(pem(f"other.{host}" if kind == "mismatched" else host, expired=kind == "expired"))
        made.load_cert_chain(file)
    if kind == "old_protocol":
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        with warnings.catch_warnings():
            # That it is deprecated is the point.
            warnings.simplefilter("ignore", DeprecationWarning)
            made.maximum_version = ssl.TLSVersion.TLSv1_1
    return made


def pem(host: str, *, expired: bool = False) -> bytes:
    """Return a certificate for ``host``, signed by itself, and its key in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    end = now - timedelta(days=30) if expired else now + timedelta(days=30)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=365))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
