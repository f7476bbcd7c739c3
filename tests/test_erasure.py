"""Erased is erased: after "erase me", asked twice, no word of a founder is left in any table, file or log; counts stay."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select, update

from storage import applications, people
from storage.tables import ApplicationRow, BookingRow, PersonRow, Table
from tests import coaching
from tests.chat import START, Chat
from tests.coaching import THURSDAY

MARK = "Zerhouni"  # in everything the founder tells us
APPLIED: dict[str, Any] = {
    "project_name": f"Solar {MARK}",
    "full_name": f"Salma {MARK}",
    "pitch": f"{MARK} partage.",
    "sector": ["it"],
}


async def everything(chat: Chat) -> str:
    """Every column of every row of every table, as text."""
    found = []
    async with chat.core.database.reading() as db:
        for table in Table.metadata.sorted_tables:
            found += [
                f"{table.name}: {json.dumps(list(row), default=str, ensure_ascii=False)}"
                for row in await db.execute(select(table))
            ]
    return "\n".join(found)


async def a_founder_with_a_past(chat: Chat) -> int:
    """They applied with a document, booked, waited, wrote to the team, were reviewed, and left something half done."""
    for name in ("karim", "salma", "nadia"):
        await chat.say("bonjour", name)
        await chat.press("Français", name)
        await chat.press("J'accepte", name)
    async with chat.core.database.transaction() as db:
        karim = await people.at(db, "paper", "karim")
        nadia = await people.at(db, "paper", "nadia")
        assert karim is not None
        assert nadia is not None
        await people.grant(db, karim, "staff", START)
        await people.grant(db, nadia, "reviewer", START)
        await coaching.coach(db, "omar", START)
        salma = await people.at(db, "paper", "salma")
        assert salma is not None
        await applications.submit(
            db,
            salma,
            chat.core.programme.programme,
            "OUJ",
            "project_holder",
            APPLIED,
            [],
            complete=False,
            promised_on=START.date() + timedelta(days=14),
            now=START,
            today=START.date(),
        )
        who = update(PersonRow).where(PersonRow.id == salma)
        await db.execute(
            who.values(name=f"Salma {MARK}", profile={"full_name": f"Salma {MARK}", "phone": "+212612345678"})
        )
    await chat.say("/track document", "salma")
    await chat.say("1", "salma")
    await chat.send(f"cv-{MARK}.pdf", "salma")
    await chat.say("fini", "salma")
    await chat.say("/human", "salma")
    await chat.say(f"Je suis {MARK}, et je voudrais une visite.", "salma")
    await chat.press("Répondre", "karim")
    await chat.say(f"Bonjour {MARK}, avec plaisir.", "karim")
    await chat.press("Terminer l'échange", "karim")
    await chat.say("/file OUJ-2026-0001 answers", "nadia")
    await chat.say("/file OUJ-2026-0001 documents", "nadia")
    await chat.say("/file OUJ-2026-0001", "karim")
    await chat.say("/book", "salma")
    await chat.say("juridique", "salma")
    await chat.say("1", "salma")
    await chat.say(f"Le contrat de {MARK}", "salma")
    await chat.press("Envoyer un document", "salma")
    await chat.send(f"contrat-{MARK}.pdf", "salma")
    await chat.press("Terminer", "salma")
    await chat.say("bonjour", "omar")
    await chat.press("Français", "omar")
    await chat.press("J'accepte", "omar")
    assert MARK in str(await chat.say("/agenda", "omar")), "the coach reads who comes"
    await chat.say("/eligibility", "salma")
    return salma


async def erased(chat: Chat) -> str:
    await chat.say("/privacy", "salma")
    await chat.press("Tout effacer", "salma")
    await chat.press("Oui, effacer", "salma")
    return "\n".join(part["text"] for part in await chat.press("Effacer pour de bon", "salma"))


async def test_before_it_the_copy_holds_all_of_it(chat: Chat) -> None:
    await a_founder_with_a_past(chat)
    await chat.say("/privacy", "salma")
    (sent, *_more) = await chat.press("M'envoyer une copie", "salma")
    copy = json.loads(chat.core.store.path(sent["file"][0]).read_bytes())
    assert copy["applications"][0]["answers"] == APPLIED
    assert copy["sessions"][0]["goal"] == f"Le contrat de {MARK}"
    assert {f"cv-{MARK}.pdf", f"contrat-{MARK}.pdf"} <= {file["name"] for file in copy["files"]}
    assert any(MARK in words["said"] for words in copy["you_wrote"])


async def test_after_it_nothing_of_them_is_left_anywhere(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(log), cache_logger_on_first_use=False)
    salma = await a_founder_with_a_past(chat)
    assert MARK in await everything(chat)
    files = set(chat.core.store.names())
    assert await erased(chat)
    left = await everything(chat)
    assert [line for line in left.splitlines() if MARK in line] == []
    assert len(files - set(chat.core.store.names())) >= 2, "their documents are gone from disk"
    assert MARK not in log.getvalue()
    async with chat.core.database.reading() as db:
        assert await people.at(db, "paper", "salma") is None
        assert await db.scalar(select(func.count()).select_from(ApplicationRow)) == 1, "it is still counted"
        assert await db.scalar(select(func.count()).select_from(BookingRow)) == 1
        assert (await applications.counts(db)) != {}
    assert f"person:{salma}" in left, "that somebody was erased is written down"


async def test_who_works_with_them_meets_no_ghost_afterwards(chat: Chat) -> None:
    await a_founder_with_a_past(chat)
    await erased(chat)
    chat.clock.time = THURSDAY - timedelta(days=1)
    for who, command in (
        ("omar", "/agenda"),
        ("karim", "/queue"),
        ("karim", "/desk"),
        ("karim", "/export"),
        ("nadia", "/file OUJ-2026-0001"),
    ):
        said = await chat.say(command, who)
        assert said, command
        assert MARK not in str(said)
        assert "erreur" not in str(said)


async def test_asked_twice_and_a_no_to_either_keeps_everything(chat: Chat) -> None:
    salma = await a_founder_with_a_past(chat)
    for answers in (["Non, les garder"], ["Oui, effacer", "Non, les garder"]):
        await chat.say("/privacy", "salma")
        await chat.press("Tout effacer", "salma")
        for label in answers:
            said: Any = await chat.press(label, "salma")
        assert "Rien n'a été effacé" in str(said)
        async with chat.core.database.reading() as db:
            assert await people.at(db, "paper", "salma") == salma


async def test_somebody_who_writes_again_is_new(chat: Chat) -> None:
    await a_founder_with_a_past(chat)
    await erased(chat)
    (said,) = await chat.say("bonjour", "salma")
    assert "Choisissez votre langue" in said["text"]
