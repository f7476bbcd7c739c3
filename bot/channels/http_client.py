"""A lean HTTP/1.1 client for the one call every turn makes: ready bytes out over a kept connection, status and body back.

A general client spends more on this call than the whole turn (docs/performance.md). Parsing is httptools', TLS is
asyncio's. It tells apart what decides a message's fate: `NotSent` (nothing left us) and `Uncertain` (it may have arrived).
"""

from __future__ import annotations

import asyncio
import select
import ssl
from collections import deque
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

CONNECT_S = 5.0
JSON = "application/json"


class NotSent(Exception):
    """The request never left: it can be made again."""


class Uncertain(Exception):
    """The request left and no whole answer came: it may have been done."""


class HttpClient:
    """Calls to one server, at most `most` at a time; connections are kept and used again."""

    def __init__(
        self,
        base: str,
        *,
        most: int = 64,
        idle_s: float = 30.0,
        tls: ssl.SSLContext | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        parts = urlsplit(base)
        secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if secure else 80)
        self.prefix = parts.path.rstrip("/")
        self._tls = (tls or ssl.create_default_context()) if secure else None
        own = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self._head = f" HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\n{own}Content-Type: "
        self._heads = {JSON: self._head_of(JSON)}
        self._most = most
        self._idle_s = idle_s
        self._idle: deque[_Connection] = deque()
        self._open = 0  # connections there are, idle ones included
        self._queue: deque[asyncio.Future[None]] = deque()
        self._closed = False

    async def post(self, path: str, body: bytes, seconds: float = 20.0, *, kind: str = JSON) -> tuple[int, bytes]:
        """Status and body of the answer. NotSent or Uncertain if there is none."""
        return await self._ask("POST", path, body, seconds, kind)

    @property
    def ready(self) -> bool:
        """Whether a kept connection is at hand in this very step, for `begin`."""
        while self._idle and not self._trusted(self._idle[-1]):
            self._drop(self._idle.pop())
        return bool(self._idle)

    def begin(self, path: str, body: bytes, seconds: float = 20.0) -> asyncio.Future[tuple[int, bytes]]:
        """The answer to be of a post that leaves now, without a task, if `ready`; Uncertain if there is none."""
        connection = self._idle.pop()
        answer = connection.ask(self._request("POST", path, body, JSON), seconds)
        answer.add_done_callback(lambda _answer: self._release(connection))
        return answer

    async def get(self, path: str, seconds: float = 20.0) -> tuple[int, bytes]:
        """The same, of a call that only looks."""
        return await self._ask("GET", path, b"", seconds, JSON)

    async def _ask(self, method: str, path: str, body: bytes, seconds: float, kind: str) -> tuple[int, bytes]:
        connection = await self._connection()
        try:
            return await connection.ask(self._request(method, path, body, kind), seconds)
        finally:
            self._release(connection)

    def _request(self, method: str, path: str, body: bytes, kind: str) -> bytes:
        head = self._heads.get(kind) or self._head_of(kind)
        return b"%b %b%b%d\r\n\r\n%b" % (method.encode(), (self.prefix + path).encode(), head, len(body), body)

    async def close(self) -> None:
        """Keep no connection any more; calls under way still get their answer."""
        self._closed = True
        while self._idle:
            self._drop(self._idle.popleft())

    def _head_of(self, kind: str) -> bytes:
        return f"{self._head}{kind}\r\nContent-Length: ".encode()

    async def _connection(self) -> _Connection:
        loop = asyncio.get_running_loop()
        waited = False
        while True:
            if self.ready:
                return self._idle.pop()
            if self._open < self._most:
                return await self._connect(loop)
            await self._turn(loop, first=waited)
            waited = True

    def _trusted(self, connection: _Connection) -> bool:
        return asyncio.get_running_loop().time() - connection.freed < self._idle_s and connection.alive()

    async def _connect(self, loop: asyncio.AbstractEventLoop) -> _Connection:
        self._open += 1
        try:
            async with asyncio.timeout(CONNECT_S):
                _transport, connection = await loop.create_connection(_Connection, self.host, self.port, ssl=self._tls)
        except BaseException as error:
            self._open -= 1
            self._next()
            if isinstance(error, OSError | TimeoutError):
                raise NotSent(type(error).__name__) from error
            raise
        return connection

    async def _turn(self, loop: asyncio.AbstractEventLoop, *, first: bool) -> None:
        """Wait until a connection is free, or may be opened; who waited before and found none stands first."""
        turn: asyncio.Future[None] = loop.create_future()
        (self._queue.appendleft if first else self._queue.append)(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._next()  # we were called and cannot come: the next in the queue can
            raise

    def _release(self, connection: _Connection) -> None:
        if connection.free and not self._closed:
            connection.freed = asyncio.get_running_loop().time()
            self._idle.append(connection)
        else:
            self._drop(connection)
        self._next()

    def _drop(self, connection: _Connection) -> None:
        connection.abort()
        self._open -= 1

    def _next(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return


class _Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.usable = True
        self.freed = 0.0
        self._transport: asyncio.Transport | None = None
        self._news = select.poll()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._parser = HttpResponseParser(self)
        self._status = 0  # of the answer that is coming in, once its head is here
        self._body: list[bytes] = []
        self._loop = asyncio.get_running_loop()
        self._until = 0.0  # so long the answer may take
        self._timer: asyncio.TimerHandle | None = None  # one for many requests: it looks again when it rings

    @property
    def free(self) -> bool:
        """Whether another request may follow: a cancelled one leaves its answer on the way."""
        return self.usable and self._answer is None

    def alive(self) -> bool:
        """Whether the server still keeps the connection; its goodbye may have come and not been read yet."""
        return self.usable and not self._news.poll(0)

    def ask(self, request: bytes, seconds: float) -> asyncio.Future[tuple[int, bytes]]:
        """The answer to be. NotSent if the connection was closed meanwhile."""
        if not self.usable or self._transport is None:
            raise NotSent("closed at once")
        self._answer = self._loop.create_future()
        self._body, self._status = [], 0
        self._until = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._until:
            self._ring_at(self._until)
        self._transport.write(request)
        return self._answer

    def _ring_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._rings)

    def _rings(self) -> None:
        self._timer = None
        if self._answer is None:
            return  # the next request winds it again
        if self._loop.time() < self._until:
            self._ring_at(self._until)
        else:
            self._fail("no answer in time")

    def abort(self) -> None:
        self.usable = False
        self._done()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own kind is none of its subclasses
        self._news.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self.abort()  # nobody asked
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self._fail("not HTTP")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._status >= 400:  # an error page without a length ends here; what matters of it is its status
            self._settle()
        self._fail("connection lost")

    # httptools calls these

    def on_message_begin(self) -> None:
        if self._answer is None:
            self.usable = False  # a second answer to one request

    def on_headers_complete(self) -> None:
        if self._answer is not None:
            self._status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._answer is None or self._status < 200:  # 100 Continue: the answer follows
            return
        if not self._parser.should_keep_alive():
            self.usable = False
        self._settle()

    def _settle(self) -> None:
        answer, status = self._answer, self._status
        self._done()
        if answer is not None and not answer.done():
            answer.set_result((status, b"".join(self._body)))

    def _fail(self, why: str) -> None:
        self.usable = False
        answer = self._answer
        self._done()
        if answer is not None and not answer.done():
            answer.set_exception(Uncertain(why))

    def _done(self) -> None:
        self._answer = None
        self._status = 0
