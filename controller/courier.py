"""Posts messages to other programs' addresses, many at a time and none for longer than ten seconds.

One thread with an event loop of its own: whoever never answers, or drips, holds up nobody. Where a
name leads to is judged on the address that is then connected to, so that no name can be bent
inwards in between. Redirects are answers like any other that is no success; bodies are not read.
Addresses hold secrets and are never logged.
"""

import asyncio
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from models import webhooks as standard

log = logging.getLogger(__name__)
# It logs every address that it asks.
logging.getLogger("httpx").setLevel(logging.WARNING)

PATIENCE = 10.0
"""Seconds for looking up, connecting, sending and the answer's head together."""
_REASONS = {410: "gone"}


@dataclass(frozen=True)
class Parcel:
    """A message to one webhook, by their rows' ids; `keys` are the secrets that sign it."""

    message: int
    webhook: int
    address: str
    key: str
    keys: tuple[str, ...]
    body: bytes


@dataclass(frozen=True)
class Posted:
    """What became of a parcel: no `reason` where it was taken, else a code: `gone`, `timeout`,
    `unreachable`, `status_<number>`, or the flaw of its address."""

    message: int
    webhook: int
    reason: str = ""


class Courier:
    """`send` only enqueues; `told` is called from another thread with what became of it. A webhook
    is busy from then until `free`, when what was told is kept."""

    def __init__(self, told: Callable[[Posted], None], patience: float = PATIENCE) -> None:
        self._told = told
        self._patience = patience
        self._busy: set[int] = set()
        self._loop = asyncio.new_event_loop()
        # A daemon: the controller ends without waiting for somebody else's server.
        self._thread = threading.Thread(target=self._loop.run_forever, name="courier", daemon=True)
        self._client: httpx.AsyncClient
        self._local = False

    def start(self, *, local: bool) -> None:
        """`local`: post also without encryption, and inside this network."""
        self._local = local
        # The machine's own authorities, an office's among them, and no proxy that it did not set.
        # No connection is kept: another name on the same machine must prove itself.
        self._client = httpx.AsyncClient(
            verify=ssl.create_default_context(),
            trust_env=False,
            timeout=self._patience,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def has(self, webhook: int) -> bool:
        """Is a message of this webhook on its way?"""
        return webhook in self._busy

    def free(self, webhook: int) -> None:
        self._busy.discard(webhook)

    def send(self, parcel: Parcel) -> None:
        self._busy.add(parcel.webhook)
        asyncio.run_coroutine_threadsafe(self._deliver(parcel), self._loop)

    async def _deliver(self, parcel: Parcel) -> None:
        try:
            async with asyncio.timeout(self._patience):
                reason = await self._post(parcel)
        except (TimeoutError, httpx.TimeoutException):
            reason = "timeout"
        except Exception as error:  # noqa: BLE001 - of somebody else's server, or its address
            # Its text may hold the address; its kind does not.
            log.warning("webhook %d: %s", parcel.webhook, type(error).__name__)
            reason = "unreachable"
        self._told(Posted(parcel.message, parcel.webhook, reason))

    async def _post(self, parcel: Parcel) -> str:
        """Send it, and wait for the head of the answer. Returns why it was not taken, if so."""
        if flaw := standard.flaw(parcel.address, local=self._local):
            return flaw
        url = httpx.URL(parcel.address)
        if (address := await self._look_up(url)) is None:
            return "address_inside"
        signed = standard.headers(parcel.keys, parcel.key, int(time.time()), parcel.body)
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            headers={"host": url.netloc.decode()} | signed,
            content=parcel.body,
            extensions={"sni_hostname": url.host},
        )
        response = await self._client.send(request, stream=True)
        await response.aclose()
        if response.is_success:
            return ""
        return _REASONS.get(response.status_code, f"status_{response.status_code}")

    async def _look_up(self, url: httpx.URL) -> str | None:
        """The first address of a name that something may be sent to."""
        port = url.port or {"http": 80, "https": 443}[url.scheme]
        found = await self._loop.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        addresses = (str(where[0]) for *_, where in found)
        return next((one for one in addresses if self._may(one)), None)

    def _may(self, address: str) -> bool:
        # A scoped address, fe80::1%eth0, is none that is reached through a name.
        return "%" not in address and standard.may_reach(address, local=self._local)
