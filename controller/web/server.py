"""Serving a page: the desk's, or a gate's."""

import socket
from pathlib import Path

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from fastapi import FastAPI

from controller.changes import Changes

_LONGEST_HEAD = 256 * 1024
"""Bytes of a request before its body."""


class Server(uvicorn.Server):
    """uvicorn, except that it ends the event streams when it is asked to stop: an open page would
    otherwise hold it until its patience is over."""

    def __init__(
        self, app: FastAPI, certificate: Path | None = None, key: Path | None = None
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=3,
                # A question of ten thousand characters is answered in words, too.
                h11_max_incomplete_event_size=_LONGEST_HEAD,
                ssl_certfile=certificate,
                ssl_keyfile=key,
            )
        )
        self._changes: Changes = app.state.changes
        # Once, like the certificate itself: the file may be another while this one is still shown.
        app.state.fingerprint = _fingerprint(certificate) if certificate else ""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._changes.close()
        await super().shutdown(sockets)


def _fingerprint(certificate: Path) -> str:
    return x509.load_pem_x509_certificate(certificate.read_bytes()).fingerprint(SHA256()).hex()
