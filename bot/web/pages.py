"""The page and its talk with us: messages go up by POST, come down as server-sent events, resume by the last id seen."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import html
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.channels.web import Web, address_of, new_token
from bot.clock import Clock
from bot.documents.store import FileStore
from bot.documents.uploads import Refused, Uploads
from bot.turn import Turns
from bot.webhooks import BadBody, read_body
from handlers.programme.model import Programme
from handlers.talk.kinds.files import TROUBLES
from handlers.talk.message import Incoming
from handlers.talk.words import Language, Text, _
from storage import Unavailable, chat_log, files, outbox, people
from storage.database import Database, dumps

STATIC = Path(__file__).parent / "static"
BODY = 16_384  # bytes of a message
BODY_S = 10  # to receive one
FILE_S = 120
BEAT_S = 20  # a comment so often keeps proxies and phones from closing the stream
YEAR_S = 31_536_000

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
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

WORDS = {
    "us": _("Mouwakib"),
    "you": _("You"),
    "talk": _("Our conversation"),
    "write": _("Write your message"),
    "send": _("Send"),
    "attach": _("Add a document or a photo"),
    "menu": _("Menu"),
    "newest": _("New messages"),
    "typing": _("Mouwakib is writing"),
    "offline": _("No network. What you write is kept and goes out as soon as the network is back."),
    "away": _("Mouwakib is not answering right now. What you write is kept and goes out by itself."),
    "waiting": _("Not sent yet"),
    "refused": _("This message could not be sent. Please write it again, a little shorter."),
    "cookies": _("Your session cannot be opened. Please allow cookies for this page, then load it again."),
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

    def __init__(
        self,
        web: Web,
        turns: Turns,
        database: Database,
        store: FileStore,
        uploads: Uploads,
        clock: Clock,
        page: bytes,
        *,
        secure: bool,
    ) -> None:
        self.web = web
        self.turns = turns
        self.database = database
        self.store = store
        self.uploads = uploads
        self.clock = clock
        self.cookie = "__Host-mouwakib" if secure else "mouwakib"
        self.secure = secure
        self._page = _Static(page, _TYPES[".html"])
        self._static = {
            path.name: _Static(path.read_bytes(), _TYPES[path.suffix])
            for path in STATIC.iterdir()
            if path.suffix != ".html"
        }
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
        response = self._page.answer(request)
        if not self._token(request):
            response.set_cookie(
                self.cookie, new_token(), max_age=YEAR_S, path="/", httponly=True, samesite="lax", secure=self.secure
            )
        return response

    async def static(self, request: Request) -> Response:
        found = self._static.get(request.path_params["name"])
        return found.answer(request) if found is not None else _refused(404)

    async def history(self, request: Request) -> Response:
        """The talk so far, both sides; `last` is where the stream of events goes on."""
        if not (address := self._address(request)):
            return _refused(401)
        try:
            async with self.database.reading() as db:
                said = await chat_log.lately(db, self.web.name, address)
        except Unavailable:
            return _away()
        prefix = f"{address[:16]}:"
        messages = [{"id": id, "at": at.isoformat(), **body} for at, id, body in said]
        for message in messages:
            if "key" in message:
                message["key"] = message["key"].removeprefix(prefix)
        return JSONResponse(
            {"messages": messages, "last": max((id for _at, id, _body in said), default=0)}, headers=HEADERS
        )

    async def message(self, request: Request) -> Response:
        """One message; 204 when it is durably handled, 503 if it should be sent again."""
        if not (address := self._address(request)) or not _own(request):
            return _refused(401)
        try:
            said = Said.model_validate_json(await read_body(request.scope, request.receive, BODY, BODY_S))
        except BadBody as bad:
            return _refused(bad.status)
        except ValidationError:
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
        language = request.query_params.get("language", "")[:8]
        incoming = Incoming(self.web.name, address, f"{address[:16]}:{id}", self.clock.now(), "file", language=language)
        try:
            async with asyncio.timeout(FILE_S):
                file = await self.uploads.take(request.stream(), name)
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
                found = await files.readable(db, person, request.path_params["id"]) if person is not None else None
        except Unavailable:
            return _away()
        if found is None:
            return _refused(404)
        headers = {**HEADERS, "Content-Security-Policy": "sandbox; default-src 'none'"}
        return FileResponse(
            self.store.path(request.path_params["id"]), media_type=found.kind, filename=found.name, headers=headers
        )

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
    return request.headers.get("x-mouwakib") == "1" and request.headers.get("sec-fetch-site", "same-origin") in (
        "same-origin",
        "none",
    )


class _Static:
    """Bytes that do not change while we run: packed once, and not sent again to a browser that has them."""

    def __init__(self, body: bytes, kind: str) -> None:
        self._body = body
        self._packed = gzip.compress(body, mtime=0)
        self._kind = kind
        self._tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'

    def answer(self, request: Request) -> Response:
        headers = {**HEADERS, "Cache-Control": "no-cache", "ETag": self._tag, "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match", "").removeprefix("W/") == self._tag:
            return Response(status_code=304, headers=headers)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self._body, media_type=self._kind, headers=headers)
        return Response(self._packed, media_type=self._kind, headers={**headers, "Content-Encoding": "gzip"})


def make_page(programme: Programme, languages: Mapping[str, Language]) -> bytes:
    """The chat page with its words in every language, the hub's name, and the largest document in MB."""
    most = programme.form.largest_file
    words: dict[str, Text] = {**WORDS, "large": TROUBLES["size"](most)}
    page = {
        "words": {code: {name: tongue.say(text) for name, text in words.items()} for code, tongue in languages.items()},
        "hub": {code: tongue.say(programme.say(programme.name)) for code, tongue in languages.items()},
        "largest": most,
    }
    return (STATIC / "index.html").read_text("utf-8").replace("@page@", html.escape(dumps(page))).encode()


def _refused(status: int) -> Response:
    return Response(status_code=status, headers=HEADERS)


def _away() -> Response:
    return Response(status_code=503, headers={**HEADERS, "Retry-After": "5"})
