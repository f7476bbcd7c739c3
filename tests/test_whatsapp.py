"""Whole talks on a WhatsApp of our own, on both databases: journeys, storms, the 24-hour window, people without a number."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from handlers.catalogue import catalogue
from storage.tables import ApplicationRow, OutboxRow
from tests.house import PDF, House
from tests.whatsapp import NUMBER, SECRET, TOKEN, VERIFY, Person, WhatsApp

SCRIPTS = Path(__file__).parent / "transcripts"


@pytest.fixture
async def whatsapp() -> AsyncIterator[WhatsApp]:
    async with WhatsApp() as found:
        yield found


@asynccontextmanager
async def served(url: str, folder: Path, whatsapp: WhatsApp, *, approved: bool = True) -> AsyncIterator[House]:
    """The bot, known to this WhatsApp; its clock is everybody's."""
    keys = {"whatsapp_token": TOKEN, "whatsapp_phone_id": NUMBER, "whatsapp_app_secret": SECRET, "whatsapp_verify_token": VERIFY}
    house = House(url, folder, whatsapp_api=whatsapp.url, **keys)
    whatsapp.now = house.clock.now
    await house.start()
    if approved:
        for one in catalogue(house.served.core.tongues, house.served.core.programme):
            whatsapp.templates[one.name, one.language] = {**one.creation(), "status": "APPROVED", "id": one.name}
    channel = house.served.whatsapp
    assert channel is not None
    whatsapp.hook(house.url + "/whatsapp")
    await whatsapp.bell.until(lambda: channel.templates is not None, "templates are known")
    await channel.refresh()
    try:
        yield house
    finally:
        await house.stop()


@pytest.fixture
async def house(database_url: str, tmp_path: Path, whatsapp: WhatsApp) -> AsyncIterator[House]:
    async with served(database_url, tmp_path, whatsapp) as found:
        yield found


@pytest.fixture
async def lite(sqlite_url: str, tmp_path: Path, whatsapp: WhatsApp) -> AsyncIterator[House]:
    """On SQLite, where the kind of database changes nothing."""
    async with served(sqlite_url, tmp_path, whatsapp) as found:
        yield found


def plain(text: str) -> str:
    return re.sub("[\u2066-\u2069]", "", text)


def later(house: House, **by: float) -> None:
    house.clock.by += timedelta(**by)


async def row(house: House, query: Any) -> Any:
    async with house.served.core.database.reading() as db:
        return (await db.execute(query)).first()


async def count(house: House, query: Any) -> int:
    async with house.served.core.database.reading() as db:
        return int(await db.scalar(query) or 0)


async def enter(person: Person, language: str = "Français", agree: str = "J'accepte") -> None:
    person.says("salam")
    await person.reads()
    person.presses(language)
    await person.reads()
    person.presses(agree)
    await person.reads()


async def play(house: House, person: Person, script: str) -> str:
    """What a founder of a transcript does, each answer after the question; the last words heard."""
    said = ""
    for line in script.splitlines():
        if not line.startswith("> "):
            continue
        later(house, seconds=10)  # a founder takes a while
        words = line.removeprefix("> ")
        if words.startswith("[") and words[1:-1] in [*person.labels, *(d for m in person.heard for d in m["details"].values())]:
            person.presses(words[1:-1])
        elif words.startswith("{"):
            person.sends_document(words[1:-1], PDF)
        else:
            person.says(words.strip("[]"))
        said = await person.reads()
    return plain(said)


# whole talks --------------------------------------------------------------------------------------------------------


async def test_a_founder_applies_in_arabic_from_hello_to_the_file_number(house: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("سلمى")
    script = (SCRIPTS / "application/project_holder.ar.txt").read_text("utf-8")
    assert re.search(r"OUJ-20\d\d-0001", await play(house, salma, script))
    assert await count(house, select(func.count()).select_from(ApplicationRow)) == 1
    assert all(call.code == 0 for call in whatsapp.messages), "WhatsApp takes every message"
    await whatsapp.quiet()
    await whatsapp.bell.until(lambda: bool(whatsapp.read), "messages are marked as read")
    states = {state for (state,) in await rows(house, select(OutboxRow.state))}
    assert states == {"delivered"}, "every letter is known to have arrived"


async def rows(house: House, query: Any) -> Any:
    async with house.served.core.database.reading() as db:
        return (await db.execute(query)).all()
