"""Serving the desk's page."""

import socket

import uvicorn
from fastapi import FastAPI

from controller.core import Core


class Server(uvicorn.Server):
    """uvicorn, except that it ends the event streams when it is asked to stop: an open page would
    otherwise hold it until its patience is over."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=3)
        )
        self._core: Core = app.state.core

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._core.changes.close()
        await super().shutdown(sockets)
