"""The lean HTTP client against a server whose every byte the test decides, on asyncio's own loop and on uvloop."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from bot.channels.http_client import HttpClient, NotSent, Uncertain
from tests.wire import Answer, HttpServer, Request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LOOPS = [pytest.param(asyncio.new_event_loop, id="asyncio"), pytest.param(uvloop.new_event_loop, id="uvloop")]


def on_both_loops(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """The same test twice: in production the loop is uvloop, in tests and on the console asyncio's."""

    @pytest.mark.parametrize("loop", LOOPS)
    def run(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(test())

    run.__name__ = run.__qualname__ = test.__name__  # not functools.wraps: pytest would look at what is wrapped
    return run


class Line:
    """The server's end of one connection."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._loop = asyncio.get_running_loop()

    async def hears(self) -> bytes:
        """One whole request: its body."""
        heard = b""
        while b"\r\n\r\n" not in heard:
            heard += await self._more()
        head, _empty_line, body = heard.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += await self._more()
        return body

    async def _more(self) -> bytes:
        more = await self._loop.sock_recv(self._end, 65536)
        assert more, "the client hung up"
        return more

    async def says(self, *pieces: bytes) -> None:
        for piece in pieces:
            await self._loop.sock_sendall(self._end, piece)

    async def is_closed(self) -> bool:
        """Wait for the client's goodbye."""
        try:
            return not await self._loop.sock_recv(self._end, 1)
        except ConnectionResetError:
            return True

    def close(self) -> None:
        """At once: the client's kernel knows before its loop does."""
        self._end.close()


class Server:
    """Listens; the test accepts."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lines: list[Line] = []

    async def line(self) -> Line:
        """The next connection."""
        end, _address = await asyncio.get_running_loop().sock_accept(self._listener)
        end.setblocking(False)
        self._lines.append(Line(end))
        return self._lines[-1]

    def close(self) -> None:
        self._listener.close()
        for line in self._lines:
            line.close()


@asynccontextmanager
async def served(**more: Any) -> AsyncIterator[tuple[Server, HttpClient]]:
    server = Server()
    lean = HttpClient(server.url, **more)
    try:
        yield server, lean
    finally:
        await lean.close()
        server.close()


def post(lean: HttpClient, body: bytes = b"{}", **more: Any) -> asyncio.Task[tuple[int, bytes]]:
    return asyncio.create_task(lean.post("/x", body, **more))


# the same connection again --------------------------------------------------------------------------------------------


@on_both_loops
async def test_ten_calls_one_after_the_other_use_one_connection() -> None:
    async def answer(request: Request) -> Answer:
        return Answer(200, request.path.encode() + request.body)

    server = HttpServer(answer)
    await server.start()
    lean = HttpClient(f"{server.url}/prefix/")
    for n in range(10):
        assert await lean.post("/bot1:a/sendMessage", b"%d" % n) == (200, b"/prefix/bot1:a/sendMessage%d" % n)
    assert server.accepted == 1
    await lean.close()
    await server.stop()


@on_both_loops
async def test_a_server_that_closed_the_kept_connection_is_noticed_before_anything_is_sent() -> None:
    async with served() as (server, lean):
        first = post(lean)
        line = await server.line()
        await line.hears()
        await line.says(OK)
        await first
        line.close()  # and in the very next step, before the loop has read of it:
        second = post(lean)
        line = await server.line()
        await line.hears()
        await line.says(OK)
        assert await second == (200, b"ok")


@on_both_loops
async def test_each_call_on_one_connection_has_its_own_time() -> None:
    async with served() as (server, lean), served() as (_elsewhere, other):
        first = post(lean, seconds=1)
        line = await server.line()
        await line.hears()
        await line.says(OK)
        assert await first == (200, b"ok")
        patient = post(lean, seconds=20)
        await line.hears()
        with pytest.raises(Uncertain):  # by now the time of the first is over
            await post(other, seconds=1.1)
        await line.says(OK)
        assert await patient == (200, b"ok")
        with pytest.raises(Uncertain, match="no answer in time"):
            await post(lean, seconds=0.01)


@on_both_loops
async def test_what_leaves_at_once_goes_over_a_kept_connection_and_not_over_one_that_was_closed() -> None:
    async with served() as (server, lean):
        assert not lean.ready
        first = post(lean)
        line = await server.line()
        await line.hears()
        await line.says(OK)
        await first
        assert lean.ready
        second = lean.begin("/x", b"second")
        assert not lean.ready, "it is taken"
        assert await line.hears() == b"second"
        await line.says(OK)
        assert await second == (200, b"ok")
        await asyncio.sleep(0)
        assert lean.ready, "and free again"
        line.close()
        assert not lean.ready, "its goodbye is seen before anything is sent"


@on_both_loops
async def test_a_connection_idle_for_too_long_is_not_trusted() -> None:
    async with served(idle_s=0) as (server, lean):
        for _ in range(2):
            call = post(lean)
            line = await server.line()
            await line.hears()
            await line.says(OK)
            await call
        assert not lean._queue


@on_both_loops
async def test_a_server_that_says_close_gets_a_new_connection() -> None:
    async with served() as (server, lean):
        for _ in range(2):
            call = post(lean)
            line = await server.line()
            await line.hears()
            await line.says(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
            assert await call == (200, b"ok")
            assert await line.is_closed()


@on_both_loops
async def test_words_nobody_asked_for_end_the_connection() -> None:
    async with served() as (server, lean):
        call = post(lean)
        line = await server.line()
        await line.hears()
        await line.says(OK + OK)  # two answers to one question
        assert await call == (200, b"ok")
        assert await line.is_closed()
        call = post(lean)
        line = await server.line()
        await line.hears()
        await line.says(OK)
        await call
        await line.says(OK)  # an answer to no question
        assert await line.is_closed()


# answers in every shape -----------------------------------------------------------------------------------------------


@on_both_loops
async def test_an_answer_may_come_in_chunks_and_in_single_bytes() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;note=x\r\n world\r\n0\r\n\r\n"
    async with served() as (server, lean):
        call = post(lean)
        line = await server.line()
        await line.hears()
        await line.says(*(bytes([byte]) for byte in chunked))
        assert await call == (200, b"hello world")


@on_both_loops
async def test_a_large_answer_and_a_large_request_arrive_whole() -> None:
    body = bytes(range(256)) * 20_000  # 5 MB: thousands of segments
    async with served() as (server, lean):
        call = post(lean, body)
        line = await server.line()
        assert await line.hears() == body
        await line.says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), body)
        assert await call == (200, body)


@on_both_loops
async def test_a_provisional_answer_is_waited_over() -> None:
    async with served() as (server, lean):
        call = post(lean)
        line = await server.line()
        await line.hears()
        await line.says(b"HTTP/1.1 100 Continue\r\n\r\n", OK)
        assert await call == (200, b"ok")


@on_both_loops
async def test_an_error_page_without_a_length_is_known_by_its_status() -> None:
    async with served() as (server, lean):
        call = post(lean)
        line = await server.line()
        await line.hears()
        await line.says(b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n<html>")
        line.close()
        status, _page = await call
        assert status == 502


# who knows whether it arrived -----------------------------------------------------------------------------------------


@on_both_loops
async def test_a_refused_connection_means_not_sent() -> None:
    async with served() as (server, lean):
        server.close()
        with pytest.raises(NotSent):
            await lean.post("/x", b"{}")


@on_both_loops
async def test_no_answer_in_time_means_uncertain() -> None:
    async with served() as (server, lean):
        call = post(lean, seconds=0.05)
        line = await server.line()
        with pytest.raises(Uncertain):
            await call
        await line.hears()
        assert await line.is_closed(), "a late answer must not meet the next question"


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 20", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal", b"HTTP/1.1 200 OK\r\n\r\nno length"],
)
async def test_an_answer_that_breaks_off_means_uncertain(said: bytes) -> None:
    async with served() as (server, lean):
        call = post(lean)
        line = await server.line()
        await line.hears()
        await line.says(said)
        line.close()
        with pytest.raises(Uncertain):
            await call


async def test_something_that_is_not_http_means_uncertain() -> None:
    async with served() as (server, lean):
        call = post(lean)
        line = await server.line()
        await line.hears()
        await line.says(b"220 mail.example.ma ESMTP\r\n")
        with pytest.raises(Uncertain):
            await call
        assert await line.is_closed()


# many at once ---------------------------------------------------------------------------------------------------------


@on_both_loops
async def test_never_more_connections_than_allowed_and_nobody_overtakes() -> None:
    heard: list[bytes] = []
    go = asyncio.Semaphore(0)

    async def answer(request: Request) -> Answer:
        heard.append(request.body)
        await go.acquire()
        return Answer(200, request.body)

    server = HttpServer(answer)
    await server.start()
    lean = HttpClient(server.url, most=2)
    calls = [post(lean, b"%d" % n) for n in range(20)]
    for _ in calls:
        go.release()
    assert await asyncio.gather(*calls) == [(200, b"%d" % n) for n in range(20)]
    assert server.accepted == 2
    # two are on their way at any moment, and may change places; nobody else overtakes
    assert all(abs(int(body) - n) <= 1 for n, body in enumerate(heard))
    await lean.close()
    await server.stop()


@on_both_loops
async def test_a_call_given_up_leaves_no_answer_for_the_next() -> None:
    async with served() as (server, lean):
        given_up = post(lean, b"first")
        line = await server.line()
        assert await line.hears() == b"first"
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        second = post(lean, b"second")
        with_answer_on_its_way = line
        await with_answer_on_its_way.is_closed()
        line = await server.line()
        assert await line.hears() == b"second"
        await line.says(OK)
        assert await second == (200, b"ok")


@on_both_loops
async def test_whoever_gives_up_waiting_lets_the_next_one_come() -> None:
    async with served(most=1) as (server, lean):

        async def first_call() -> None:
            await lean.post("/x", b"first")
            second.cancel()  # called already, and gone before it can come

        first, second, third = asyncio.create_task(first_call()), post(lean, b"second"), post(lean, b"third")
        line = await server.line()
        assert await line.hears() == b"first"
        await line.says(OK)
        await first
        assert await line.hears() == b"third"
        await line.says(OK)
        assert await third == (200, b"ok")
        assert second.cancelled()


@on_both_loops
async def test_a_call_given_up_while_connecting_gives_its_room_back() -> None:
    async with served() as (server, _plain):
        lean = HttpClient(server.url.replace("http:", "https:"), most=1)  # the server never says a word of TLS
        for _ in range(3):
            call = post(lean)
            line = await server.line()
            call.cancel()
            assert isinstance((await asyncio.gather(call, return_exceptions=True))[0], asyncio.CancelledError)
            line.close()
        await lean.close()


@on_both_loops
async def test_a_failed_connection_lets_the_next_one_try() -> None:
    async with served(most=1) as (server, lean):
        server.close()
        calls = await asyncio.gather(*(lean.post("/x", b"{}") for _ in range(5)), return_exceptions=True)
        assert all(isinstance(call, NotSent) for call in calls)


@on_both_loops
async def test_after_closing_what_is_under_way_still_gets_its_answer() -> None:
    async with served() as (server, lean):
        kept, under_way = post(lean), post(lean)
        lines = [await server.line(), await server.line()]
        for line in lines:
            await line.hears()
        await lines[0].says(OK)
        done, _pending = await asyncio.wait({kept, under_way}, return_when=asyncio.FIRST_COMPLETED)
        assert len(done) == 1
        await lean.close()
        assert await lines[0].is_closed()
        await lines[1].says(OK)
        assert set(await asyncio.gather(kept, under_way)) == {(200, b"ok")}
        assert await lines[1].is_closed()


# TLS ------------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("openssl") is None, reason="a certificate is made with the openssl command")
@pytest.mark.parametrize("loop", LOOPS)
def test_over_tls_a_known_certificate_is_trusted_and_no_other(
    loop: Callable[[], asyncio.AbstractEventLoop], tmp_path: Path
) -> None:
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem"
    subprocess.run(make.split(), cwd=tmp_path, check=True, capture_output=True)

    async def scenario() -> None:
        async def answer(request: Request) -> Answer:
            return Answer(200, b"ok")

        ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        ours.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
        server = HttpServer(answer, tls=ours)
        await server.start()
        lean = HttpClient(server.url, tls=ssl.create_default_context(cafile=tmp_path / "cert.pem"))
        for _ in range(5):
            assert await lean.post("/x", b"{}") == (200, b"ok")
        assert server.accepted == 1, "kept, also with the session tickets that follow the handshake"
        stranger = HttpClient(server.url)
        with pytest.raises(NotSent):
            await stranger.post("/x", b"{}")
        await lean.close()
        await server.stop()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(scenario())
