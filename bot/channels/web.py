"""The web page as a channel: what is in the outbox is the chat; sending only tells an open page to look."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable

from bot.channels.base import Body, Outcome, Part, Sent

TOKEN_BYTES = 32


def new_token() -> str:
    """A session token nobody can guess: 256 bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def address_of(token: str) -> str:
    """The address of a session: the token's hash, so that the database holds nothing one could log in with."""
    return hashlib.sha256(token.encode()).hexdigest()[:40]


class Web:
    """Pages that are open right now wait here for news of their address."""

    name = "web"

    def __init__(self, elsewhere: Callable[[str], Awaitable[None]] | None = None) -> None:
        self._open: dict[str, set[asyncio.Event]] = {}
        self._elsewhere = elsewhere  # tells the other processes, whose pages we do not hold

    def fit(self, body: Body) -> list[Part]:
        return [body]

    async def send(self, address: str, part: Part) -> Outcome:
        if not self.poke(address) and self._elsewhere is not None:
            await self._elsewhere(f"web:{address}")
        return Sent()

    def poke(self, address: str) -> bool:
        """Tell the open pages of an address to look; False if none is open here."""
        waiting = self._open.get(address, ())
        for event in waiting:
            event.set()
        return bool(waiting)

    def heard(self, payload: str) -> None:
        """Another process has something for one of our pages."""
        kind, _colon, address = payload.partition(":")
        if kind == self.name:
            self.poke(address)

    def watch(self, address: str) -> asyncio.Event:
        """An event that is set when there is something new for the address."""
        event = asyncio.Event()
        self._open.setdefault(address, set()).add(event)
        return event

    def leave(self, address: str, event: asyncio.Event) -> None:
        waiting = self._open.get(address, set())
        waiting.discard(event)
        if not waiting:
            self._open.pop(address, None)

    @property
    def pages(self) -> int:
        """How many pages are open."""
        return sum(len(waiting) for waiting in self._open.values())

    async def open(self) -> None: ...

    async def close(self) -> None:
        for address in list(self._open):
            self.poke(address)
