"""Documents are fetched as they come and no further than they are wanted, from the platform or the world outside, never from inside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from bot.channels.downloads import Downloads
from bot.documents.uploads import Refused
from tests.wire import Answer, HttpServer, Request

ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    async def answer(request: Request) -> Answer | bytes:
        if request.path == "/endless":
            return ENDLESS + bytes(2**20)
        if request.path == "/moved":
            return Answer(302, headers={"Location": "/here"})
        return Answer(200, b"%PDF")

    found = HttpServer(answer)
    await found.start()
    yield found
    await found.stop()


async def fetched(api: str, address: str) -> bytes:
    downloads = Downloads(api)
    try:
        return b"".join([chunk async for chunk in downloads.stream(address)])
    finally:
        await downloads.close()


async def test_a_document_without_an_end_is_left_when_enough_was_seen(server: HttpServer) -> None:
    downloads = Downloads(server.url)
    async with asyncio.timeout(30), aclosing(downloads.stream(f"{server.url}/endless")) as chunks:
        async for chunk in chunks:
            assert 0 < len(chunk) <= 65536
            break
    await downloads.close()


async def test_no_redirect_is_followed(server: HttpServer) -> None:
    with pytest.raises(Refused):
        await fetched(server.url, f"{server.url}/moved")


async def test_a_name_that_leads_inside_our_own_network_is_not_called(server: HttpServer) -> None:
    inside = f"http://localhost:{server.port}/here"
    with pytest.raises(OSError):  # noqa: PT011
        await fetched("https://graph.facebook.com/v25.0", inside)
    assert server.accepted == 0
    assert await fetched(f"http://localhost:{server.port}", inside) == b"%PDF", "the platform itself may be a neighbour"
