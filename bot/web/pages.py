"""The page and its talk with us: messages go up by POST, come down as server-sent events, resume by the last id seen."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.channels.web import Web, address_of, new_token
from bot.clock import Clock
from bot.intake import Intake, Refused
from bot.turn import Turns
from bot.vault import Vault
from handlers.talk.message import Incoming
from storage import Unavailable, files, history, outbox, people
from storage.database import Database, dumps

STATIC = Path(__file__).parent / "static"
BODY = 16_384  # bytes of a message
BODY_S = 10  # to receive one
FILE_S = 120
BEAT_S = 20  # a comment so often keeps proxies and phones from closing the stream
YEAR_S = 31_536_000

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


class Said(BaseModel):
    """A message from the page."""

    model_config = ConfigDict(extra="forbid", strict=True)
    id: str = Field(pattern=r"^[A-Za-z0-9-]{8,64}$")
    text: str = Field("", max_length=4000)
    press: str = Field("", max_length=64)
    language: str = Field("", max_length=8)


class Pages:
    """The routes of the chat page."""

    def __init__(self, web: Web, turns: Turns, database: Database, vault: Vault, intake: Intake, clock: Clock, *, secure: bool) -> None:
        self.web = web
        self.turns = turns
        self.database = database
        self.vault = vault
        self.intake = intake
        self.clock = clock
        self.cookie = "__Host-mouwakib" if secure else "mouwakib"
        self.secure = secure
        self._static = {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in STATIC.iterdir() if path.suffix in _TYPES}
        self.closing = asyncio.Event()

    def routes(self) -> list[Route]:
        return [
            Route("/", self.page),
            Route("/static/{name}", self.static),
            Route("/chat/history", self.history),
            Route("/chat/events", self.events),
            Route("/chat/messages", self.message, methods=["POST"]),
            Route("/chat/files", self.upload, methods=["POST"]),
            Route("/chat/files/{id}", self.download),
        ]

    async def page(self, request: Request) -> Response:
        """The chat; a visitor without a session gets one."""
        body, kind = self._static["index.html"]
        response = Response(body, media_type=kind, headers={**HEADERS, "Cache-Control": "no-cache"})
        if not self._token(request):
            response.set_cookie(self.cookie, new_token(), max_age=YEAR_S, path="/", httponly=True, samesite="lax", secure=self.secure)
        return response

    async def static(self, request: Request) -> Response:
        found = self._static.get(request.path_params["name"])
        if found is None:
            return Response(status_code=404)
        return Response(found[0], media_type=found[1], headers={**HEADERS, "Cache-Control": "no-cache"})

    async def history(self, request: Request) -> Response:
        """The talk so far, both sides; `last` is where the stream of events goes on."""
        if not (address := self._address(request)):
            return _refused(401)
        try:
            async with self.database.reading() as db:
                said = await history.lately(db, self.web.name, address)
        except Unavailable:
            return _away()
        messages = [{"id": id, "at": at.isoformat(), **body} for at, id, body in said]
        return JSONResponse({"messages": messages, "last": max((id for _at, id, _body in said), default=0)}, headers=HEADERS)

    async def message(self, request: Request) -> Response:
        """One message; 204 when it is durably handled, 503 if it should be sent again."""
        if not (address := self._address(request)) or not _own(request):
            return _refused(401)
        try:
            raw = await _body(request, BODY, BODY_S)
            said = Said.model_validate_json(raw)
        except _TooMuch:
            return _refused(413)
        except (ValidationError, TimeoutError, ClientDisconnect):
            return _refused(400)
        incoming = Incoming(
            self.web.name,
            address,
            f"{address[:16]}:{said.id}",
            self.clock.now(),
            "press" if said.press else "text",
            said.text,
            said.press,
            language=said.language,
        )
        return await self._taken(incoming)

    async def upload(self, request: Request) -> Response:
        """One document, its bytes as the body, its name in the query."""
        if not (address := self._address(request)) or not _own(request):
            return _refused(401)
        id, name = request.query_params.get("id", ""), request.query_params.get("name", "")[:200]
        if not re.fullmatch(r"[A-Za-z0-9-]{8,64}", id):
            return _refused(400)
        incoming = Incoming(self.web.name, address, f"{address[:16]}:{id}", self.clock.now(), "file")
        try:
            async with asyncio.timeout(FILE_S):
                file = await self.intake.take(request.stream(), name)
        except Refused as refused:
            incoming = replace(incoming, trouble=refused.trouble)
        except (TimeoutError, ClientDisconnect):
            return _refused(400)
        else:
            incoming = replace(incoming, file=file)
        return await self._taken(incoming)

    async def _taken(self, incoming: Incoming) -> Response:
        try:
            await self.turns.take(incoming)
        except Unavailable:
            return _away()
        return Response(status_code=204, headers=HEADERS)

    async def download(self, request: Request) -> Response:
        """A person's own document, as a download that no browser runs."""
        if not (address := self._address(request)):
            return _refused(401)
        try:
            async with self.database.reading() as db:
                person = await people.at(db, self.web.name, address)
                found = await files.one(db, person, request.path_params["id"]) if person is not None else None
        except Unavailable:
            return _away()
        if found is None:
            return _refused(404)
        headers = {**HEADERS, "Content-Security-Policy": "sandbox; default-src 'none'"}
        return FileResponse(self.vault.path(request.path_params["id"]), media_type=found.kind, filename=found.name, headers=headers)

    async def events(self, request: Request) -> Response:
        """Everything we write to this session, from the last id the page has seen."""
        if not (address := self._address(request)):
            return _refused(401)
        seen = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
        after = int(seen) if seen.isdecimal() and len(seen) < 19 else 0
        headers = {**HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(address, after), media_type="text/event-stream", headers=headers)

    async def _stream(self, address: str, after: int) -> AsyncIterator[str]:
        news = self.web.watch(address)
        try:
            yield "retry: 2000\n\n"
            while not self.closing.is_set():
                news.clear()
                try:
                    async with self.database.reading() as db:
                        messages = await outbox.since(db, self.web.name, address, after)
                except Unavailable:
                    messages = []
                for id, body, at in messages:
                    after = id
                    yield f"id: {id}\ndata: {dumps({'id': id, 'at': at.isoformat(), **body})}\n\n"
                try:
                    await asyncio.wait_for(news.wait(), BEAT_S)
                except TimeoutError:
                    yield ": here\n\n"
        finally:
            self.web.leave(address, news)

    def _token(self, request: Request) -> str:
        token = request.cookies.get(self.cookie, "")
        return token if re.fullmatch(r"[A-Za-z0-9_-]{43}", token) else ""

    def _address(self, request: Request) -> str:
        token = self._token(request)
        return address_of(token) if token else ""


def _own(request: Request) -> bool:
    """Whether our own page sent this: other sites cannot set this header without asking, and we never say yes."""
    return request.headers.get("x-mouwakib") == "1" and request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


class _TooMuch(Exception):
    """A body over its limit."""


async def _body(request: Request, most: int, seconds: float) -> bytes:
    """The body, if it is not too large, not compressed and not too slow."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise _TooMuch
    found = bytearray()
    async with asyncio.timeout(seconds):
        async for chunk in request.stream():
            found += chunk
            if len(found) > most:
                raise _TooMuch
    return bytes(found)


def _refused(status: int) -> Response:
    return Response(status_code=status, headers=HEADERS)


def _away() -> Response:
    return Response(status_code=503, headers={**HEADERS, "Retry-After": "5"})
