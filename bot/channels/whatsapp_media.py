"""Documents people send on WhatsApp: only from Meta's own hosts, over HTTPS, with no redirect, counted while they stream."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import socket
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any
from urllib.parse import SplitResult, urlsplit

from bot.intake import Refused

HOSTS = ("lookaside.fbsbx.com",)
FAMILIES = (".fbsbx.com", ".fbcdn.net", ".whatsapp.net")


def may_fetch(address: str, api: str) -> bool:
    """Whether a document may be fetched from there: a host of Meta's over HTTPS, or the very server of our API calls."""
    try:
        parts, own = urlsplit(address), urlsplit(api)
        port, own_port = _port(parts), _port(own)
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None or not parts.hostname or "\\" in address or any(c.isspace() for c in address):
        return False
    if (parts.scheme, parts.hostname, port) == (own.scheme, own.hostname, own_port):
        return True
    host = parts.hostname
    return parts.scheme == "https" and port == 443 and host.isascii() and (host in HOSTS or host.endswith(FAMILIES))


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


async def stream(session: Any, address: str, api: str, token: str, digest: str, seconds: float) -> AsyncIterator[bytes]:
    """The document's bytes. Refused if it may not be fetched, is gone, or is not what it was said to be."""
    import aiohttp

    if not may_fetch(address, api):
        raise Refused("gone")
    expected, seen = _digest(digest), sha256()
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    limit = aiohttp.ClientTimeout(total=seconds)
    async with session.get(address, headers=headers, allow_redirects=False, timeout=limit) as answer:
        if answer.status != 200:
            raise Refused("gone")
        async for chunk in answer.content.iter_chunked(65536):
            seen.update(chunk)
            yield chunk
    if expected and seen.digest() != expected:
        raise Refused("gone")


def _digest(said: str) -> bytes:
    """A SHA-256 as Meta writes it, in hexadecimal or base64; nothing if it is neither."""
    try:
        found = bytes.fromhex(said) if len(said) == 64 else base64.b64decode(said, validate=True)
    except (ValueError, binascii.Error):
        return b""
    return found if len(found) == 32 else b""


def open_session(api: str) -> Any:
    """A client that reaches no address inside our own network, whatever a name resolves to; the API's own host is trusted."""
    import aiohttp
    from aiohttp.abc import AbstractResolver, ResolveResult

    trusted = urlsplit(api).hostname

    class Resolver(AbstractResolver):
        def __init__(self) -> None:
            self._inner = aiohttp.ThreadedResolver()

        async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
            found = await self._inner.resolve(host, port, family)
            if host == trusted:
                return found
            outside = [one for one in found if ipaddress.ip_address(one["host"]).is_global]
            if not outside:
                raise OSError("no address outside")
            return outside

        async def close(self) -> None:
            await self._inner.close()

    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Resolver(), limit=8), auto_decompress=False, trust_env=False)
