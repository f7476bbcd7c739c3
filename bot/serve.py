"""`mouwakib serve`: the web page, every channel with a token, delivery and chores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as HttpRoute

from bot.app import Core, Table, lasting, settle_memory
from bot.channels.bridge.channel import Bridge
from bot.channels.bridge.configured import dialects
from bot.channels.telegram.channel import Telegram
from bot.channels.web import Web
from bot.channels.whatsapp.channel import WhatsApp
from bot.clock import Clock, Ticks
from bot.delivery.bridge_records import BridgeRecords
from bot.delivery.leader import Leader
from bot.delivery.whatsapp_records import WhatsAppRecords
from bot.housekeeping import gauges, housekeeping
from bot.http_server import HttpProtocol
from bot.log import fault, log
from bot.settings import Settings
from bot.web.calendar import CalendarFeed
from bot.web.pages import HEADERS, Pages, make_page
from bot.webhooks import Post
from bot.zone import StaleZoneData, check_zone_data
from handlers.catalogue import catalogue
from handlers.contents import contents
from handlers.notices.tell import spoken
from handlers.notices.words import waiting
from handlers.rights import may
from handlers.talk.words import _
from storage import Unavailable, outbox, schema


class Served:
    """Everything of `mouwakib serve`: the web page, Telegram and WhatsApp where a token is set, delivery, chores."""

    def __init__(self, settings: Settings, clock: Clock | None = None, table: Table = contents) -> None:
        self.settings = settings
        self.core = core = Core(settings, clock, table)
        self.web = Web(self._tell_others)
        core.sender.add(self.web)
        accounts = {self.web.name: self.web.name}
        self.telegram = _telegram(core) if settings.telegram_token.get_secret_value() else None
        if self.telegram is not None:
            core.sender.add(self.telegram)
            accounts[self.telegram.name] = self.telegram.account
        self.records = WhatsAppRecords(core.database, core.sender, core.clock, core.languages)
        self.whatsapp = _whatsapp(core, self.records) if settings.whatsapp_token.get_secret_value() else None
        if self.whatsapp is not None:
            core.sender.add(self.whatsapp)
            accounts[self.whatsapp.name] = self.whatsapp.account
        self.bridges = _bridges(core)
        for bridge in self.bridges:
            core.sender.add(bridge)
            accounts[bridge.name] = bridge.account
        self.leader = Leader(core.database, core.sender, core.clock, accounts, self.web.heard)
        secure = settings.public_url.startswith("https://")
        page = make_page(core.programme, core.languages)
        self.pages = Pages(
            self.web, core.turns, core.database, core.store, core.uploads, core.clock, page, secure=secure
        )
        self.ready = False
        self.failed: Exception | None = None  # why it could not start
        self.asgi = self._asgi()
        self.http: Any = partial(HttpProtocol, self._posts())  # what uvicorn reads requests with

    def _posts(self) -> dict[bytes, Post]:
        """What platforms post is most of what comes: it takes no detour through ASGI."""
        posts = {channel.name: channel.posted for channel in (self.telegram, self.whatsapp) if channel is not None}
        return {f"/{name}".encode(): post for name, post in posts.items()}

    def _asgi(self) -> Any:
        feed = CalendarFeed(self.core.database, self.core.programme, self.core.languages, self.core.clock)
        routes: list[Any] = [
            *self.pages.routes(),
            HttpRoute("/calendar/{secret}.ics", feed.feed),
            HttpRoute("/health", self.health),
            HttpRoute("/metrics", self.metrics),
        ]
        pages = Starlette(routes=routes, lifespan=self._lifespan)
        hooks: dict[str, Any] = {
            f"/{channel.name}": channel.webhook
            for channel in (self.telegram, self.whatsapp, *self.bridges)
            if channel is not None
        }

        async def asgi(scope: Any, receive: Any, send: Any) -> None:
            hook = hooks.get(scope.get("path", "")) if scope["type"] == "http" else None
            await (hook or pages)(scope, receive, send)

        return asgi

    @asynccontextmanager
    async def _lifespan(self, app: Any) -> AsyncIterator[None]:
        core = self.core
        try:
            await schema.upgrade(core.database)
            await self.leader.look()
        except Exception as error:
            self.failed = error  # uvicorn tells nobody
            raise
        core.start(self.leader.run, core.announcements.run)
        ticks = Ticks()
        ticks.every(60, "housekeeping", partial(housekeeping, core))
        ticks.every(15, "gauges", partial(gauges, core))
        ticks.every(5, "reminders", core.reminders.remind)
        for chore in core.chores.by_name.values():
            ticks.every(chore.seconds, chore.name, partial(core.chores.run, chore.name), at_once=chore.at_once)
        if self.whatsapp is not None:
            ticks.every(300, "whatsapp", self.whatsapp.refresh)
            ticks.every(60, "doubt", self.records.settle)
        for bridge in self.bridges:
            ticks.every(60, bridge.name, bridge.refresh, at_once=True)
        ticks.start()
        self.ready = True
        opening = [asyncio.create_task(work) for work in (self._open_telegram(), self._open_whatsapp())]
        settle_memory()
        try:
            yield
        finally:
            self.ready = False
            self.pages.closing.set()
            for task in opening:
                task.cancel()
            ticks.stop()
            for channel in (self.telegram, self.whatsapp, *self.bridges):
                if channel is not None:
                    await channel.close()
            await self.web.close()
            await core.stop()
            await self.leader.close()

    async def _open_whatsapp(self) -> None:
        """WhatsApp sends and receives at once; what is asked here is which templates it may use."""
        while self.whatsapp is not None:
            try:
                await self.whatsapp.open()
                return
            except Exception as error:
                log.error(
                    "WhatsApp cannot be reached; check MOUWAKIB_WHATSAPP_TOKEN, _PHONE_ID and _API", **fault(error)
                )
                await asyncio.sleep(10)

    async def _open_telegram(self) -> None:
        """Telegram, after the page already answers."""
        telegram = self.telegram
        if telegram is None:
            return
        while True:
            try:
                await telegram.open()
                break
            except Exception as error:
                log.error(
                    "Telegram cannot be reached; check MOUWAKIB_TELEGRAM_TOKEN and MOUWAKIB_TELEGRAM_API",
                    **fault(error),
                )
                await asyncio.sleep(10)
        if not self.settings.telegram_webhook:
            await lasting(self._poll_when_active)

    async def _poll_when_active(self) -> None:
        """Ask for updates while this process is the one that works the Telegram account: two pollers would conflict."""
        assert self.telegram is not None
        while True:
            polling: asyncio.Task[None] | None = None
            while "telegram" in self.core.sender.active:
                polling = polling or asyncio.create_task(self.telegram.polling())
                await asyncio.wait({polling}, timeout=1)
            if polling is not None:
                polling.cancel()
            await asyncio.sleep(1)

    async def _tell_others(self, payload: str) -> None:
        """News for a page that another process may hold open."""
        if not self.core.database.sqlite:
            try:
                async with self.core.database.transaction() as db:
                    await outbox.wake(db, payload)
            except Unavailable:
                return  # the page asks again by itself

    async def health(self, request: Request) -> Response:
        """200, or 503 with what is wrong."""
        wrong: list[str] = []
        try:
            async with self.core.database.reading() as db:
                await outbox.next_due(db, ["web"])
        except Unavailable as error:
            wrong.append(f"database: {error}")
        try:
            check_zone_data()
        except StaleZoneData as stale:
            wrong.append(str(stale))
        if not self.ready:
            wrong.append("starting or stopping")
        warnings = [
            trouble for channel in (self.whatsapp, *self.bridges) if channel is not None for trouble in channel.troubles
        ]
        state = {
            "ok": not wrong,
            "wrong": wrong,
            "warnings": warnings,
            "programme": self.core.programme.programme,
            "sending": sorted(self.core.sender.active),
            "sessions": {
                bridge.name: bridge.session.word if bridge.session is not None else "not known yet"
                for bridge in self.bridges
            },
        }
        return JSONResponse(state, status_code=503 if wrong else 200, headers=HEADERS)

    async def metrics(self, request: Request) -> Response:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _telegram(core: Core) -> Telegram:
    settings = core.settings
    secret = settings.telegram_webhook
    return Telegram(
        settings.telegram_token.get_secret_value(),
        settings.telegram_api,
        core.turns.take,
        webhook=f"{settings.public_url}/telegram" if secret else "",
        secret=secret,
        commands=commands(core),
        uploads=core.uploads,
        store=core.store,
        now=core.clock.now,
    )


def _whatsapp(core: Core, records: WhatsAppRecords) -> WhatsApp:
    settings = core.settings
    return WhatsApp(
        settings.whatsapp_token.get_secret_value(),
        settings.whatsapp_phone_id,
        settings.whatsapp_api,
        core.turns.take,
        records,
        app_secret=settings.whatsapp_app_secret.get_secret_value(),
        verify_token=settings.whatsapp_verify_token.get_secret_value(),
        menu={code: tongue.say(_("Choose")) for code, tongue in core.languages.items()},
        announcements={code: spoken(core.languages, code, *waiting()) for code in core.languages},
        wanted=[(one.name, one.language) for one in catalogue(core.languages, core.programme)],
        uploads=core.uploads,
        store=core.store,
        now=core.clock.now,
    )


def _bridges(core: Core) -> list[Bridge]:
    records = BridgeRecords(core.database, core.sender, core.clock, core.languages)
    beside: dict[str, Any] = {"uploads": core.uploads, "store": core.store, "now": core.clock.now}
    return [Bridge(dialect, url, core.turns.take, records, **beside) for url, dialect in dialects(core.settings)]


def commands(core: Core) -> dict[str, list[tuple[str, str]]]:
    """What a platform lists under "/", by the language of the app; under "" for any other language."""
    listed = [entry for entry in core.entries.values() if entry.listed and may({"founder"}, entry.act)]
    found = {
        code: [(entry.name, tongue.say(entry.title)) for entry in listed] for code, tongue in core.languages.items()
    }
    return {"": found["fr"], **found}
