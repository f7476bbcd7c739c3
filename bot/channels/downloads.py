"""Documents that lie on a platform's servers, streamed to whoever counts their bytes; no redirect is followed."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncGenerator, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from bot.documents.uploads import Refused


class Downloads:
    """Fetches from the server at `api`, and from names that lead to no address inside our own network, whatever they resolve to."""

    def __init__(self, api: str) -> None:
        self._trusted = urlsplit(api).hostname or ""
        self._session: Any = None  # aiohttp's, from the first document on

    async def stream(self, address: str, headers: Mapping[str, str] | None = None) -> AsyncGenerator[bytes, None]:
        """The document's bytes. Refused if it is not there; aiohttp's errors, and OSError, if it cannot be had."""
        aiohttp = await asyncio.to_thread(
            import_module, "aiohttp"
        )  # takes a while at first: others are answered meanwhile
        if self._session is None:
            self._session = _open(aiohttp, self._trusted)
        asked = {"Accept-Encoding": "identity", **(headers or {})}
        async with self._session.get(address, headers=asked, allow_redirects=False) as answer:
            if answer.status != 200:
                raise Refused("gone")
            async for chunk in answer.content.iter_chunked(65536):
                yield chunk

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _open(aiohttp: Any, trusted: str) -> Any:
    """A client whose every connection goes to the trusted host or to a public address: it is looked at once a name is resolved."""

    class Resolver(aiohttp.abc.AbstractResolver):  # type: ignore[misc]  # its base is known once it is loaded
        def __init__(self) -> None:
            self._inner = aiohttp.ThreadedResolver()

        async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[Any]:
            found: list[Any] = await self._inner.resolve(host, port, family)
            if host == trusted:
                return found
            outside = [one for one in found if ipaddress.ip_address(one["host"]).is_global]
            if not outside:
                raise OSError("no address outside")
            return outside

        async def close(self) -> None:
            await self._inner.close()

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=Resolver(), limit=8), auto_decompress=False, trust_env=False
    )
