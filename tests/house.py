"""The whole bot as `mouwakib serve` runs it, on a free port of this machine, in the test's own process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from bot.clock import Clock
from bot.serve import Served
from bot.settings import Settings
from tests.chat import trusting_the_machine

# one empty page
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n"
    b"0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n"
)


class Ahead(Clock):
    """The real time and then some: a founder takes seconds to answer, a test does not."""

    def __init__(self) -> None:
        self.by = timedelta()
        self._still: datetime | None = None

    def now(self) -> datetime:
        return (self._still or super().now()) + self.by

    @contextmanager
    def still(self) -> Iterator[None]:
        """No time passes meanwhile, however long this machine takes."""
        self._still = super().now()
        yield
        self._still = None


class House:
    """Can be stopped and started again on the same port, as after a crash of the machine or an upgrade."""

    def __init__(self, url: str, folder: Path, **more: Any) -> None:
        self.port = more.pop("port", 0) or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = Settings(_env_file=None, database_url=url, files=folder / "files", port=self.port, **more)
        self.clock = Ahead()
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
        self.served = Served(self.settings, self.clock)
        trusting_the_machine(self.served.core.database)
        started = asyncio.Event()

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                started.set()

        quiet: dict[str, Any] = {"log_config": None, "access_log": False, "ws": "none", "timeout_graceful_shutdown": 2}
        self._server = Server(
            uvicorn.Config(
                self.served.asgi, http=self.served.http, host="127.0.0.1", port=self.port, lifespan="on", **quiet
            )
        )
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
