"""HTTP/1.1 in the small, for test servers that must be able to misbehave; and a client that only posts."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

MOST = 64 * 2**20  # bytes of a body


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str  # with its query
    headers: Mapping[str, str]  # names in small letters
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        lines = [
            f"HTTP/1.1 {self.status} Test",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


class HangUp(Exception):
    """Close the connection, with no answer or half of one."""


class HttpServer:
    """Listens on a free port of this machine; `answer` says what becomes of each request, one after the other on each connection.

    Raw bytes are written as they are; HangUp closes the connection.
    """

    def __init__(
        self, answer: Callable[[Request], Awaitable[Answer | bytes]], *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._answer = answer
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[Any]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.accepted = 0  # connections so far
        self.port = 0

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._writers)

    async def start(self) -> None:
        """Listen; after a stop, on the same port again."""
        self._server = await asyncio.start_server(
            self._talk, "127.0.0.1", self.port, ssl=self._tls, backlog=1024, limit=2**20
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close every connection and refuse new ones."""
        if self._server is not None:
            self._server.close()
        for task in self._talks:
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        self._server = None

    def hang_up(self) -> None:
        """Close every connection; new ones are welcome."""
        for writer in self._writers:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.accepted += 1
        self._talks.add(task)
        self._writers.add(writer)
        try:
            while (request := await read_request(reader)) is not None:
                answer = await self._answer(request)
                writer.write(answer.raw() if isinstance(answer, Answer) else answer)
                await writer.drain()
        except (HangUp, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._talks.discard(task)
            self._writers.discard(writer)


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None at its end."""
    head = await _head(reader)
    if head is None:
        return None
    first, headers = head
    method, path, _version = first.split(" ", 2)
    return Request(method, path, headers, await _body(reader, headers))


class Poster:
    """Posts to one server over kept connections, as many as there are calls at once."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 80
        self._idle: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()

    async def __call__(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer. OSError if there is none."""
        lines = [f"POST {path} HTTP/1.1", f"Host: {self.host}:{self.port}", f"Content-Length: {len(body)}"]
        request = (
            "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items())]).encode()
            + b"\r\n\r\n"
            + body
        )
        while True:
            kept = bool(self._idle)
            reader, writer = self._idle.pop() if kept else await asyncio.open_connection(self.host, self.port)
            try:
                writer.write(request)
                await writer.drain()
                head = await _head(reader)
                if head is None:
                    raise ConnectionResetError("closed without an answer")
                first, found = head
                status = int(first.split(" ")[1])
                answer = Answer(status, b"" if status == 204 else await _body(reader, found), found)
            except BaseException as error:
                writer.close()
                if kept and isinstance(error, OSError | asyncio.IncompleteReadError):
                    continue  # the server had closed it meanwhile
                if isinstance(error, asyncio.IncompleteReadError):
                    raise ConnectionResetError("closed in mid-answer") from error
                raise
            if found.get("connection", "").lower() == "close":
                writer.close()
            else:
                self._idle.append((reader, writer))
            return answer

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[1].close()


async def _head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]] | None:
    """The first line and the headers; None if the other side closed in good order."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    first, *rest = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _colon, value in (line.partition(":") for line in rest)}
    return first, headers


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        found = b""
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            found += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readuntil(b"\r\n")
        return found
    length = int(headers.get("content-length", "0"))
    if length > MOST:
        raise HangUp
    return await reader.readexactly(length)
