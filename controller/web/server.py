"""Serving a page: the desk's, or a gate's."""

import socket
from pathlib import Path

import uvicorn
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

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._changes.close()
        await super().shutdown(sockets)
