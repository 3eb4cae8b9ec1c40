"""The engine's certificate authority: who may open a connection to the coordinator's port."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# NVIDIA FLARE signs its own messages with the certificate's key and supports RSA only.
RSA_BITS = 3072
AUTHORITY_DAYS = 7300
CERTIFICATE_DAYS = 1825


class RefusedRequestError(Exception):
    """A certificate request that is not signed; the message says what would be right."""


class Authority:
    """The coordinator's own root. It signs public keys; it never sees another side's private key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def create(cls, folder: Path, *, name: str) -> "Authority":
        """Make the root key and certificate in `folder` (0700, key 0600)."""
        folder.mkdir(mode=0o700, parents=True)
        key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            _builder(subject, subject, key.public_key(), days=AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        write_private_key(folder / "root.key", key)
        (folder / "root.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return cls(folder)

    @property
    def root_pem(self) -> bytes:
        return (self._folder / "root.pem").read_bytes()

    def sign(
        self, request_pem: bytes, *, name: str, organisation: str, role: str, hosts: tuple[str, ...] = ()
    ) -> bytes:
        """A certificate (PEM) for the request's key under `name`; nothing but the key is taken from the request."""
        try:
            request = x509.load_pem_x509_csr(request_pem)
            if not request.is_signature_valid:
                raise RefusedRequestError(
                    "The certificate request is not signed by its own key. Make a new join request."
                )
        except (ValueError, InvalidSignature) as error:
            raise RefusedRequestError(
                "The certificate request is not a PEM request. Make a new join request."
            ) from error
        public_key = request.public_key()
        if not isinstance(public_key, rsa.RSAPublicKey) or public_key.key_size < 2048:
            raise RefusedRequestError("The engine's key must be RSA with at least 2048 bits. Make a new join request.")
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, name),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
                x509.NameAttribute(NameOID.UNSTRUCTURED_NAME, role),  # where the engine reads the role
            ]
        )
        root = x509.load_pem_x509_certificate(self.root_pem)
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
        certificate = (
            _builder(subject, root.subject, public_key, days=CERTIFICATE_DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in (name, *hosts)]), critical=False)
            .sign(self._key(), hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)

    def _key(self) -> rsa.RSAPrivateKey:
        key = serialization.load_pem_private_key((self._folder / "root.key").read_bytes(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise RefusedRequestError(f"{self._folder / 'root.key'} is not an RSA key. Restore it from the backup.")
        return key


def make_request(key: rsa.RSAPrivateKey, *, name: str) -> bytes:
    """A certificate request (PEM) for a key of this side."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


def write_private_key(path: Path, key: rsa.RSAPrivateKey) -> None:
    """Write a key that only its owner may read (0600 from the first byte)."""
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: rsa.RSAPublicKey, *, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))  # clocks of two hospitals differ by minutes
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
