"""`--enrol ADDRESS CODE`: a device fetches its credentials from the desk, once, and keeps them.

`python -m board --enrol …`, the same for a kiosk, and `python -m models.enrolment gate --enrol …`
for whatever else signs in. It leaves the broker's password in a file that only its owner can read,
the authority to trust, and a settings file. One that is there already is not touched: what it must
say is printed.
"""

import argparse
import ipaddress
import json
import os
import ssl
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from models import pins
from models.files import replacing
from models.settings import Settings, SettingsError, load
from models.terms import Role

_PATIENCE = 15.0
_MOST = 100_000
"""Bytes of an answer."""


class EnrolmentError(Exception):
    """The device could not be enrolled; the text is one sentence."""


def asked(arguments: Sequence[str]) -> bool:
    """Is this a command line to enrol with?"""
    return "--enrol" in arguments


def main(role: Role, arguments: Sequence[str]) -> int:
    """Enrol this machine's `role`; the exit code is 0, or 1 after a sentence on stderr."""
    parser = argparse.ArgumentParser(prog=f"python -m {role}")
    parser.add_argument("--enrol", nargs=2, metavar=("ADDRESS", "CODE"), required=True)
    insecure = "send the code and receive the password in the clear, on a network that you trust"
    parser.add_argument("--insecure", action="store_true", help=insecure)
    exactly = "trust the certificate with this SHA-256 and no other, as the desk's page shows it"
    parser.add_argument("--fingerprint", metavar="HEX", default="", help=exactly)
    said = parser.parse_args(arguments)
    try:
        for line in enrol(role, *said.enrol, insecure=said.insecure, fingerprint=said.fingerprint):
            print(line)
    except (EnrolmentError, SettingsError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"{problem.filename}: {problem.strerror}.", file=sys.stderr)
        return 1
    return 0


def enrol(
    role: Role, address: str, code: str, *, insecure: bool = False, fingerprint: str = ""
) -> list[str]:
    """Fetch and keep the credentials; returns what to tell the operator.

    `fingerprint` is the SHA-256 of the desk's certificate in hex, with or without colons; without
    one the certificate must be signed by an authority that this machine trusts.
    """
    if urlsplit(address).scheme not in {"http", "https"}:
        raise EnrolmentError(f"{address} is not an address such as https://lobby.example.com.")
    if urlsplit(address).scheme != "https" and not (insecure or _is_this_machine(address)):
        raise EnrolmentError(
            f"{address} is not encrypted: use https://, or --insecure on a network that you trust."
        )
    file = Path(os.environ.get("LOBBY_SETTINGS", "lobby.toml"))
    data = (load() if file.exists() else Settings()).data
    # Before the code is spent: what cannot be written now cannot be fetched twice.
    for folder in (data / "credentials", file.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    answer = _fetch(role, address, code, fingerprint)
    return _keep(answer, role, file, data)


def as_toml(values: Mapping[str, Any]) -> str:
    """A settings file of plain values and tables."""
    # A JSON string, number or boolean reads the same in TOML.
    tables = {name: value for name, value in values.items() if isinstance(value, dict)}
    plain = {name: value for name, value in values.items() if name not in tables}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in plain.items()]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *as_toml(table).splitlines()]
    return "\n".join(lines) + "\n"


def _keep(answer: dict[str, Any], role: Role, file: Path, data: Path) -> list[str]:
    settings = dict(answer["settings"])
    if answer["ca"]:
        _write(data / "ca.crt", answer["ca"])
        settings["broker"] = {**settings["broker"], "ca": str(data / "ca.crt")}
    credential = data / "credentials" / f"{role}-{answer['device']}"
    _write(credential, answer["password"] + "\n")
    told = [f"This machine is {role} {answer['device']}; its password is in {credential}."]
    if role is Role.KIOSK:
        told += pins.ensure(credential.with_suffix(".pin"))
    if file.exists():
        return [*told, f"{file} was left alone; it must say:", "", as_toml(settings)]
    _write(file, as_toml(settings))
    return [*told, f"Its settings are in {file}."]


def _fetch(role: Role, address: str, code: str, fingerprint: str) -> dict[str, Any]:
    request = Request(  # noqa: S310 - the scheme was looked at
        f"{address.rstrip('/')}/enrol",
        json.dumps({"role": role, "code": code}).encode(),
        {"content-type": "application/json", "accept": "application/json"},
    )
    try:
        trust = _pinned(address, fingerprint) if fingerprint else None
        with urlopen(request, timeout=_PATIENCE, context=trust) as answer:  # noqa: S310 - see above
            found: dict[str, Any] = json.loads(answer.read(_MOST))
    except HTTPError as refused:
        raise EnrolmentError(_words(refused)) from None
    except (OSError, HTTPException, ValueError) as problem:
        raise EnrolmentError(f"{address} cannot be reached: {problem}.") from None
    return found


def _pinned(address: str, fingerprint: str) -> ssl.SSLContext:
    """Trust in the one certificate that has this fingerprint, whatever signed it or it names."""
    place = urlsplit(address)
    door = (place.hostname or "", place.port or 443)
    shown = ssl.get_server_certificate(door, timeout=_PATIENCE)
    found = sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest()
    if found != fingerprint.replace(":", "").lower():
        raise EnrolmentError(
            f"{address} shows another certificate, whose fingerprint is {found}: nothing was sent."
        )
    trust = ssl.create_default_context(cadata=shown)
    trust.check_hostname = False
    trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return trust


def _words(refused: HTTPError) -> str:
    try:
        return str(json.loads(refused.read(_MOST))["words"])
    except (ValueError, KeyError, TypeError):
        return f"The desk refused with status {refused.code}."


def _is_this_machine(address: str) -> bool:
    name = urlsplit(address).hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _write(file: Path, text: str) -> None:
    with replacing(file) as scratch:
        scratch.write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main(Role(sys.argv[1]), sys.argv[2:]))
