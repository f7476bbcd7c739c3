"""The whole bot as `mouwakib serve` runs it, on a free port of this machine, in the test's own process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn

from bot.app import Served
from bot.settings import Settings


class House:
    """Can be stopped and started again on the same port, as after a crash of the machine or an upgrade."""

    def __init__(self, url: str, folder: Path, **more: Any) -> None:
        self.port = more.pop("port", 0) or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = Settings(_env_file=None, database_url=url, files=folder / "files", port=self.port, **more)
        self.served: Served
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def on(cls, url: str, folder: Path, **more: Any) -> AsyncIterator[House]:
        house = cls(url, folder, **more)
        await house.start()
        try:
            yield house
        finally:
            await house.stop()

    async def start(self) -> None:
        self.served = Served(self.settings)
        started = asyncio.Event()

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                started.set()

        quiet: dict[str, Any] = {"log_config": None, "access_log": False, "ws": "none", "timeout_graceful_shutdown": 2}
        self._server = Server(uvicorn.Config(self.served.asgi, host="127.0.0.1", port=self.port, lifespan="on", **quiet))
        self._serving = asyncio.create_task(self._server.serve())
        begun = asyncio.create_task(started.wait())
        await asyncio.wait({begun, self._serving}, return_when=asyncio.FIRST_COMPLETED)
        if not begun.done() or not self._server.started:
            begun.cancel()
            raise RuntimeError("the house did not start")

    async def stop(self) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
            self._server = self._serving = None


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
