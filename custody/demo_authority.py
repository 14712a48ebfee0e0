"""A time-stamping authority for demonstration: RFC 3161 answers from a key on this machine.

The embedded mode uses it so that every step can be tried offline; its name says what it is. A real authority is another
organisation's. No Django here.
"""

import datetime
import os
import secrets
from hashlib import sha256
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

NAME = "DEMONSTRATION time-stamping authority that proves nothing"
POLICY = "2.999.1"  # the arc for examples
OID_TST_INFO, OID_SIGNED_DATA = "1.2.840.113549.1.9.16.1.4", "1.2.840.113549.1.7.2"
OID_CONTENT_TYPE, OID_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
OID_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
OID_SHA256, OID_ECDSA_SHA256 = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2"
SEQUENCE, SET, INTEGER, OCTETS = 0x30, 0x31, 0x02, 0x04


def der(tag: int, *parts: bytes) -> bytes:
    """One DER element."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def der_integer(value: int) -> bytes:
    return der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def der_oid(dotted: str) -> bytes:
    first, second, *others = map(int, dotted.split("."))
    content = b""
    for number in (40 * first + second, *others):
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(0x80 | number & 0x7F)
        content += bytes(reversed(septets))
    return der(0x06, content)


def _element(data: bytes, at: int = 0) -> tuple[int, bytes, int]:
    """(tag, content, end) of the DER element at `at`; raises ValueError."""
    try:
        tag, size, start = data[at], data[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, start = int.from_bytes(data[start : start + count], "big"), start + count
    except IndexError:
        raise ValueError("this is not a time-stamp request")
    if start + size > len(data):
        raise ValueError("this is not a time-stamp request")
    return tag, data[start : start + size], start + size


def read_request(request: bytes) -> tuple[bytes, bytes | None]:
    """(message imprint, nonce element) of a TimeStampReq; the imprint is kept as it came."""
    tag, content, end = _element(request)
    if tag != SEQUENCE or end != len(request):
        raise ValueError("this is not a time-stamp request")
    _version, _, at = _element(content)
    imprint_tag, imprint, after = _element(content, at)
    if imprint_tag != SEQUENCE or der_oid(OID_SHA256) not in imprint:
        raise ValueError("only SHA-256 imprints are stamped")
    nonce = None
    while after < len(content):
        tag, _, end = _element(content, after)
        if tag == INTEGER:
            nonce = content[after:end]
        after = end
    return der(SEQUENCE, imprint), nonce


class DemoAuthority:
    """Answers time-stamp requests with a key of its own, made at the first use."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.root_file, self.certificate_file = folder / "demo-authority-root.pem", folder / "demo-authority.pem"
        self.key_file = folder / "demo-authority.key"
        if not self.key_file.exists():
            self._make()
        self.key = cast(ec.EllipticCurvePrivateKey, load_pem_private_key(self.key_file.read_bytes(), None))
        self.certificate = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())

    def _make(self) -> None:
        now = datetime.datetime.now(datetime.UTC)
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Root of the {NAME}"[:64])])
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
        builder = x509.CertificateBuilder().serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=3650)).issuer_name(root_name)
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        root = (
            builder.subject_name(root_name)
            .public_key(root_key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
            .sign(root_key, hashes.SHA256())
        )
        builder = x509.CertificateBuilder().serial_number(x509.random_serial_number()).issuer_name(root_name)
        builder = builder.not_valid_before(root.not_valid_before_utc).not_valid_after(root.not_valid_after_utc)
        stamping = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
        certificate = (
            builder.subject_name(name)
            .public_key(key.public_key())
            .add_extension(stamping, critical=True)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
            .sign(root_key, hashes.SHA256())
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.root_file.write_bytes(root.public_bytes(Encoding.PEM))
        self.certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))
        draft = self.key_file.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        draft.replace(self.key_file)

    def answer(self, request: bytes, *, at: datetime.datetime | None = None) -> bytes:
        """The DER of a TimeStampResp for a DER TimeStampReq; raises ValueError for what is none."""
        imprint, nonce = read_request(request)
        at = at or datetime.datetime.now(datetime.UTC)
        info = der(
            SEQUENCE,
            der_integer(1),
            der_oid(POLICY),
            imprint,
            der_integer(secrets.randbits(63)),
            der(0x18, at.strftime("%Y%m%d%H%M%SZ").encode()),
            der(SEQUENCE, der_integer(1)),
            nonce or b"",
        )
        granted = der(SEQUENCE, der_integer(0))
        return der(SEQUENCE, granted, self._signed(info))

    def _signed(self, info: bytes) -> bytes:
        """CMS SignedData over a TSTInfo, its certificate inside and bound by the signed attributes (RFC 5816)."""
        certificate = self.certificate.public_bytes(Encoding.DER)
        sha = der(SEQUENCE, der_oid(OID_SHA256))
        binding = der(SEQUENCE, der(SEQUENCE, der(SEQUENCE, der(OCTETS, sha256(certificate).digest()))))
        attributes = sorted(
            der(SEQUENCE, der_oid(kind), der(SET, value))
            for kind, value in (
                (OID_CONTENT_TYPE, der_oid(OID_TST_INFO)),
                (OID_DIGEST, der(OCTETS, sha256(info).digest())),
                (OID_SIGNING_CERTIFICATE_V2, binding),
            )
        )
        signature = self.key.sign(der(SET, *attributes), ec.ECDSA(hashes.SHA256()))
        issuer = der(SEQUENCE, self.certificate.issuer.public_bytes(), der_integer(self.certificate.serial_number))
        signer = der(
            SEQUENCE, der_integer(1), issuer, sha, der(0xA0, *attributes), der(SEQUENCE, der_oid(OID_ECDSA_SHA256)),
            der(OCTETS, signature),
        )  # fmt: skip
        content = der(SEQUENCE, der_oid(OID_TST_INFO), der(0xA0, der(OCTETS, info)))
        data = der(SEQUENCE, der_integer(3), der(SET, sha), content, der(0xA0, certificate), der(SET, signer))
        return der(SEQUENCE, der_oid(OID_SIGNED_DATA), der(0xA0, data))
