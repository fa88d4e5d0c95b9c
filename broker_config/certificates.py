"""The TLS listener's certificate, and the authority that devices on other machines trust.

`ca.crt` in the broker's folder is public and is copied to those devices; the authority's key stays
in `<data>/keys`. The server's certificate is issued anew when it is about to end, and when this
machine has a name or an address that it does not carry.
"""

import datetime as dt
import ipaddress
import shutil
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from models.files import private_folder, replacing
from models.settings import Settings

_AUTHORITY_LIFE = dt.timedelta(days=20 * 365)
_SERVER_LIFE = dt.timedelta(days=2 * 365)
_RENEWED_BEFORE_END = dt.timedelta(days=180)


def certify(settings: Settings, home: Path) -> None:
    """Make sure that `home` holds ca.crt, and a server.crt and server.key that fit this machine."""
    key_file = private_folder(settings.data / "keys") / "broker-ca.pem"
    if not (key_file.exists() and (home / "ca.crt").exists()):
        _make_authority(settings, key_file, home / "ca.crt")
        (home / "server.crt").unlink(missing_ok=True)
    names = _names(settings)
    if not _fits(home / "server.crt", names):
        _issue(home, key_file, names)


def covers(settings: Settings, host: str) -> bool:
    """Does the certificate, as `certify` leaves it, prove this machine to one who asks for `host`
    (in lower case)?"""
    return _general(host) in _names(settings)


def _make_authority(settings: Settings, key_file: Path, certificate_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Lobby {settings.site}")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _draft(name, name, key.public_key(), _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_key(key, key_file)
    _write_certificate(certificate, certificate_file)


def _issue(home: Path, authority_key_file: Path, names: list[x509.GeneralName]) -> None:
    authority = x509.load_pem_x509_certificate((home / "ca.crt").read_bytes())
    loaded = serialization.load_pem_private_key(authority_key_file.read_bytes(), password=None)
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{authority_key_file} is not the key that set-up made")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _draft(_name("lobby broker"), authority.subject, key.public_key(), _SERVER_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(loaded.public_key()),
            critical=False,
        )
        .sign(loaded, hashes.SHA256())
    )
    _write_key(key, home / "server.key")
    _write_certificate(certificate, home / "server.crt")


def _draft(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    life: dt.timedelta,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # A device whose clock is a little behind must not find us in its future.
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _names(settings: Settings) -> list[x509.GeneralName]:
    """Every name and address under which a device may know this machine: those under which it may
    ask for the desk's page, too, for it is told to find the broker there."""
    own = socket.gethostname()
    wanted = {"localhost", "127.0.0.1", own, f"{own}.local", socket.getfqdn()}
    wanted |= {settings.broker.host, settings.broker.tls_host, *_addresses()}
    wanted.add(urlsplit(settings.desk.link_base).hostname or "localhost")
    everywhere = {_general("0.0.0.0"), _general("::")}  # noqa: S104 - no name of anybody's
    found = map(_general, sorted({name.lower() for name in wanted}))
    return [name for name in found if name not in everywhere]


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _addresses() -> list[str]:
    tool = shutil.which("hostname")
    if tool is None:
        return []
    answer = subprocess.run([tool, "-I"], check=False, capture_output=True, text=True)  # noqa: S603 - a fixed command
    return answer.stdout.split()


def _fits(file: Path, names: list[x509.GeneralName]) -> bool:
    if not file.exists():
        return False
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    left = certificate.not_valid_after_utc - dt.datetime.now(dt.UTC)
    carried = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return left > _RENEWED_BEFORE_END and set(names) <= set(carried)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _write_key(key: ec.EllipticCurvePrivateKey, file: Path) -> None:
    with replacing(file) as scratch:
        scratch.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def _write_certificate(certificate: x509.Certificate, file: Path) -> None:
    with replacing(file) as scratch:
        scratch.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
