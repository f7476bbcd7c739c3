"""A lean HTTP/1.1 client for the one call every turn makes: ready bytes out over a kept connection, status and body back.

A general client spends more on this call than the whole turn (docs/performance.md). Parsing is httptools', TLS is
asyncio's. It tells apart what decides a message's fate: `NotSent` (nothing left us) and `Uncertain` (it may have arrived).
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from typing import cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

CONNECT_S = 5.0


class NotSent(Exception):
    """The request never left: it can be made again."""


class Uncertain(Exception):
    """The request left and no whole answer came: it may have been done."""


class Lean:
    """Calls to one server, at most `most` at a time; connections are kept and used again."""

    def __init__(self, base: str, *, most: int = 64, idle_s: float = 30.0) -> None:
        parts = urlsplit(base)
        secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if secure else 80)
        self.prefix = parts.path.rstrip("/")
        self._tls = ssl.create_default_context() if secure else None
        self._head = f" HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\nContent-Type: application/json\r\nContent-Length: ".encode()
        self._most = most
        self._idle_s = idle_s
        self._idle: deque[_Connection] = deque()
        self._open = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    async def post(self, path: str, body: bytes, seconds: float = 20.0) -> tuple[int, bytes]:
        """Status and body of the answer. NotSent or Uncertain if there is none."""
        connection = await self._connection()
        try:
            request = b"POST %b%b%d\r\n\r\n%b" % ((self.prefix + path).encode(), self._head, len(body), body)
            answer = connection.ask(request, seconds)
            return await answer
        finally:
            self._release(connection)

    async def close(self) -> None:
        while self._idle:
            self._idle.popleft().abort()

    async def _connection(self) -> _Connection:
        loop = asyncio.get_running_loop()
        while True:
            while self._idle:
                connection = self._idle.pop()
                if connection.usable and loop.time() - connection.freed < self._idle_s:
                    return connection
                connection.abort()
                self._open -= 1
            if self._open < self._most:
                break
            turn: asyncio.Future[None] = loop.create_future()
            self._queue.append(turn)
            await turn
        self._open += 1
        try:
            made = loop.create_connection(_Connection, self.host, self.port, ssl=self._tls)
            _transport, connection = await asyncio.wait_for(made, CONNECT_S)
        except (OSError, TimeoutError, ssl.SSLError) as error:
            self._open -= 1
            self._next()
            raise NotSent(type(error).__name__) from error
        return connection

    def _release(self, connection: _Connection) -> None:
        if connection.usable:
            connection.freed = asyncio.get_running_loop().time()
            self._idle.append(connection)
        else:
            connection.abort()
            self._open -= 1
        self._next()

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
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._parser: HttpResponseParser | None = None
        self._body: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None

    def ask(self, request: bytes, seconds: float) -> asyncio.Future[tuple[int, bytes]]:
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self._parser, self._body = HttpResponseParser(self), []
        self._timer = loop.call_later(seconds, self._fail, "no answer in time")
        self._transport.write(request)
        return self._answer

    def abort(self) -> None:
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own kind is none of its subclasses

    def data_received(self, data: bytes) -> None:
        if self._parser is None:
            self.abort()  # nobody asked
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self._fail("not HTTP")

    def connection_lost(self, exc: Exception | None) -> None:
        self.usable = False
        self._fail("connection lost")

    # httptools calls these

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        parser, answer = self._parser, self._answer
        if parser is None or answer is None:
            return
        status = parser.get_status_code()
        if status < 200:
            return
        if not parser.should_keep_alive():
            self.usable = False
        self._done()
        if not answer.done():
            answer.set_result((status, b"".join(self._body)))

    def _fail(self, why: str) -> None:
        answer = self._answer
        self._done()
        if answer is not None and not answer.done():
            self.usable = False
            answer.set_exception(Uncertain(why))

    def _done(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._parser = self._answer = None
