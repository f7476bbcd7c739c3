"""The short way of webhooks: what goes it, what does not, and that nobody can tell the two apart by the answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import pytest
import uvicorn

from bot.http_server import HEAD_BYTES, HttpProtocol
from bot.webhooks import Say
from tests.house import free_port

SHORT, LONG = 200, 418  # how the two ways answer here
HEAD = b"POST /hook HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n"


class Hub:
    """A server whose webhook answers when the test lets it; any other request gets the status `LONG`, its body unread."""

    def __init__(self) -> None:
        self.port = free_port()
        self.posted: list[bytes] = []
        self.says: list[Say] = []  # answers that are awaited
        self.at_once = True
        self.lines: list[Line] = []
        self.server: uvicorn.Server

    def post(self, raw: bytes, head: Mapping[bytes, bytes], say: Say) -> None:
        assert head[b"host"] == b"hub"
        self.posted.append(raw)
        if raw == b"break":
            raise RuntimeError
        say(SHORT, raw) if self.at_once else self.says.append(say)

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            head = [(b"content-length", b"0")]
            await send({"type": "http.response.start", "status": LONG, "headers": head})
            await send({"type": "http.response.body"})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Hub]:
        http: Any = partial(HttpProtocol, {b"/hook": self.post})
        quiet: dict[str, Any] = {"log_config": None, "ws": "none", "lifespan": "off", "interface": "asgi3"}
        self.server = uvicorn.Server(uvicorn.Config(self.app, http=http, port=self.port, **quiet))
        serving = asyncio.create_task(self.server.serve())
        while not self.server.started:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)
        try:
            yield self
        finally:
            for line in self.lines:
                await line.close()
            self.server.should_exit = True
            await serving

    async def line(self) -> Line:
        self.lines.append(Line(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self.lines[-1]

    async def asked(self, many: int) -> None:
        """Return when so many answers are awaited."""
        async with asyncio.timeout(10):
            while len(self.says) < many:  # noqa: ASYNC110 - the test is the only one who waits
                await asyncio.sleep(0)


class Line:
    """One connection to it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def says(self, *pieces: bytes) -> None:
        """Each piece arrives alone: the server has read it before the next one leaves."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            for _step in range(20):
                await asyncio.sleep(0)

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()

    async def hears(self) -> tuple[int, bytes, bytes]:
        """Status, head and body of the next answer."""
        async with asyncio.timeout(10):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            return int(head[9:12]), head.lower(), await self.reader.readexactly(length)


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with Hub().serving() as found:
        yield found


async def test_a_post_that_came_whole_goes_the_short_way_again_and_again_on_one_connection(hub: Hub) -> None:
    line = await hub.line()
    for n in range(3):
        await line.says(HEAD + b"\r\nsala%d" % n)
        status, head, body = await line.hears()
        assert (status, body) == (SHORT, b"sala%d" % n)
        assert b"\r\ndate: " in head
    await line.says(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n")
    assert (await line.hears())[0] == LONG
    await line.says(HEAD + b"\r\nagain")
    assert (await line.hears())[0] == SHORT


UNUSUAL = {
    "another path": b"POST /hooks HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n\r\nsalam",
    "a query": b"POST /hook?a=1 HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n\r\nsalam",
    "another method": HEAD.replace(b"POST", b"PUT") + b"\r\nsalam",
    "an older HTTP": HEAD.replace(b"1.1", b"1.0") + b"\r\nsalam",
    "no length": b"POST /hook HTTP/1.1\r\nHost: hub\r\n\r\n",
    "the same length twice": HEAD + b"content-length: 5\r\n\r\nsalam",
    "chunks": b"POST /hook HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsalam\r\n0\r\n\r\n",
    "chunks and a length": HEAD + b"Transfer-Encoding: identity\r\n\r\nsalam",
    "packed": HEAD + b"Content-Encoding: gzip\r\n\r\nsalam",
    "waits to be asked": HEAD + b"Expect: 100-continue\r\n\r\nsalam",
    "its last": HEAD + b"Connection: close\r\n\r\nsalam",
    "wants to talk otherwise": HEAD + b"Upgrade: websocket\r\n\r\nsalam",
    "letters nobody sends": HEAD + "X-Name: é\r\n\r\nsalam".encode(),
    "a long head": HEAD + b"X-Long: " + b"x" * HEAD_BYTES + b"\r\n\r\nsalam",
    "a folded line": HEAD + b"X-Name: a\r\n b\r\n\r\nsalam",
    "a space before the colon": HEAD + b"X-Name : a\r\n\r\nsalam",
    "bare line feeds": (HEAD + b"\r\nsalam").replace(b"\r\n", b"\n"),
}


@pytest.mark.parametrize("request_", UNUSUAL.values(), ids=UNUSUAL)
async def test_whatever_is_unusual_is_uvicorns(hub: Hub, request_: bytes) -> None:
    line = await hub.line()
    await line.says(request_)
    assert (await line.hears())[0] in (LONG, 400)
    assert not hub.posted


async def test_a_post_that_comes_in_two_pieces_is_uvicorns_wherever_it_was_cut(hub: Hub) -> None:
    whole = HEAD + b"\r\nsalam"
    for cut in range(1, len(whole)):
        line = await hub.line()
        await line.says(whole[:cut], whole[cut:])
        assert (await line.hears())[0] == LONG
        await line.says(whole)
        assert (await line.hears())[0] == SHORT, "what follows is read rightly"
        await line.close()
    assert len(hub.posted) == len(whole) - 1


async def test_what_stands_in_a_body_or_a_head_is_never_taken_for_a_post(hub: Hub) -> None:
    inner = HEAD + b"\r\nsalam"
    for head in (
        b"POST /other HTTP/1.1\r\nHost: hub\r\nContent-Length: %d\r\n\r\n"
        % len(inner),  # answered before its body came
        b"GET / HTTP/1.1\r\nHost: hub\r\nX-Name: ",
    ):
        line = await hub.line()
        await line.says(head, inner)
        assert (await line.hears())[0] in (LONG, 400)
        assert not hub.posted


async def test_what_comes_before_the_answer_waits_for_it(hub: Hub) -> None:
    hub.at_once = False
    line = await hub.line()
    await line.says(HEAD + b"\r\nfirst", HEAD, b"\r\n", b"secon", b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n")
    await hub.asked(1)
    assert hub.posted == [b"first"]
    hub.says.pop()(SHORT, b"first")
    assert (await line.hears())[2] == b"first"
    for _answer in range(2):
        assert (await line.hears())[0] == LONG
    await line.says(HEAD + b"\r\nthird")
    await hub.asked(1)
    hub.says.pop()(SHORT, b"third")
    assert (await line.hears())[2] == b"third"


async def test_two_posts_in_one_piece_are_both_answered_in_their_order(hub: Hub) -> None:
    line = await hub.line()
    await line.says(HEAD + b"\r\nfirst" + HEAD + b"\r\nsecon")
    assert [(await line.hears())[0] for _answer in range(2)] == [LONG, LONG]


async def test_a_post_behind_one_that_uvicorn_still_answers_does_not_overtake_it(hub: Hub) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        begun.set()
        await go_on.wait()
        await hub.app(scope, receive, send)

    hub.server.config.loaded_app = slow
    line = await hub.line()
    await line.says(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n")
    await begun.wait()
    await line.says(HEAD + b"\r\nsalam")
    go_on.set()
    assert not hub.posted
    assert [(await line.hears())[0] for _answer in range(2)] == [LONG, LONG]


async def test_a_channel_that_fails_asks_for_the_same_again(hub: Hub) -> None:
    line = await hub.line()
    await line.says(HEAD + b"\r\nbreak")
    status, head, _body = await line.hears()
    assert status == 503
    assert b"retry-after: 5\r\n" in head
    await line.says(HEAD + b"\r\nsalam")
    assert (await line.hears())[0] == SHORT


async def test_who_hangs_up_before_the_answer_troubles_nobody(hub: Hub) -> None:
    hub.at_once = False
    line, other = await hub.line(), await hub.line()
    await line.says(HEAD + b"\r\nfirst")
    await hub.asked(1)
    await line.close()
    await other.says(HEAD + b"\r\nother")
    await hub.asked(2)
    for say in hub.says:
        say(SHORT, b"")
    assert (await other.hears())[0] == SHORT


async def test_a_server_that_stops_still_answers_what_it_has_taken(hub: Hub) -> None:
    hub.at_once = False
    line, idle = await hub.line(), await hub.line()
    await line.says(HEAD + b"\r\nfirst")
    await hub.asked(1)
    hub.server.should_exit = True
    assert not await idle.reader.read(), "who waits for nothing is let go"
    hub.says.pop()(SHORT, b"kept")
    status, head, body = await line.hears()
    assert (status, body) == (SHORT, b"kept")
    assert b"connection: close\r\n" in head
    assert not await line.reader.read()
