"""Telling other programs: what a message says, how it is signed, where it may go. Pure.

Signed as the Standard Webhooks specification has it (standardwebhooks.com): an id that stays the
same however often it is sent, the moment of sending, and an HMAC over both and the body.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800)
)
"""After each try that failed: a day in all, then it is given up."""
ROTATION = timedelta(days=1)
"""For which the former secret signs beside the new one."""
LONGEST_ADDRESS = 500
_PREFIX = "whsec_"
_NAT64 = IPv6Network("64:ff9b::/96")


def new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def new_key() -> str:
    """The id of a message: unlike every other, after a restored backup too."""
    return f"msg_{secrets.token_hex(16)}"


def signature(secret: str, key: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 in base64. `timestamp`: seconds since 1970."""
    raw = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = b".".join((key.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(raw, signed, hashlib.sha256)).decode()


def headers(keys: Iterable[str], key: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a message, signed with each of the secrets `keys`."""
    return {
        "content-type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(one, key, timestamp, body) for one in keys),
    }


def pause(tries: int) -> timedelta | None:
    """How long to wait after so many tries that failed; None where it is given up."""
    return PAUSES[tries - 1] if tries <= len(PAUSES) else None


def flaw(address: str, *, local: bool) -> str:
    """Why nothing may be sent to an address, as a code; empty where it may. `local`: also without
    encryption, and inside this network. What a name leads to is judged when it is looked up."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "bad_address"
    printable = address.isascii() and address.isprintable() and " " not in address
    secret = parts.username is not None or parts.password is not None
    if not printable or len(address) > LONGEST_ADDRESS or not host or secret or parts.fragment:
        return "bad_address"
    if parts.scheme not in ("http", "https"):
        return "bad_address"
    if parts.scheme == "http" and not local:
        return "address_open"
    try:
        reachable = may_reach(host, local=local)
    except ValueError:
        return ""
    return "" if reachable else "address_inside"


def may_reach(host: str, *, local: bool) -> bool:
    """May something be sent to this IP address? Raises ValueError where it is none."""
    address = ip_address(host)
    if isinstance(address, IPv6Address):
        address = _inner(address)
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    return local or address.is_global


def _inner(address: IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def shown(address: str) -> str:
    """An address as a page may show it: its path often is a secret."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/…"
