"""What is done with applications, without any conversation: by whom it may be done, what it changes, who hears of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from handlers.actor import Actor
from handlers.applications import actions, requirements
from handlers.rights import Refused
from handlers.talk.message import File
from storage import Conflict, applications, change_requests, decisions, files, people, reviews
from storage.applications import Application
from storage.database import Db
from storage.decisions import PreparedDecision
from storage.tables import EventRow, OutboxRow, PersonRow, ReminderRow
from tests.chat import START, Chat, plain

ANSWERS: dict[str, Any] = {
    "applicant_type": "project_holder",
    "project_name": "Solar Souk",
    "full_name": "Salma Benali",
    "sector": ["it"],
    "market": "La médina.",
}


class Office:
    """Whoever acts, and what they act on, in one transaction."""

    def __init__(self, chat: Chat, db: Db) -> None:
        self.chat, self.db, self.programme = chat, db, chat.core.programme

    async def actor(self, name: str, *roles: str, sectors: tuple[str, ...] = ()) -> Actor:
        """Somebody who can be reached and reads French, with these roles."""
        person = await people.add(self.db, "paper", name, START)
        profile: dict[str, Any] = {"review_sectors": [*sectors]} if sectors else {}
        facts = {"language": "fr", "name": name.capitalize(), "profile": profile}
        await self.db.execute(update(PersonRow).where(PersonRow.id == person).values(**facts))
        for role in roles:
            await people.grant(self.db, person, role, START)
        return Actor(person, frozenset({"founder", *roles}), self.chat.core.languages, START, profile=profile)

    async def file(self, actor: Actor, name: str) -> File:
        await files.keep(self.db, actor.person, name, f"{name}.pdf", "application/pdf", 1000, START)
        return File(name, f"{name}.pdf", "application/pdf", 1000)

    async def papers(self, founder: Actor) -> dict[str, list[File]]:
        """Every document that is required."""
        wanted = requirements.needed(self.programme, "project_holder")
        return {id: [await self.file(founder, id)] for id, (_document, need) in wanted.items() if need == "required"}

    async def submitted(self, founder: Actor, *, complete: bool = True) -> Application:
        documents = await self.papers(founder) if complete else {}
        made = await actions.submit(self.db, founder, self.programme, ANSWERS, documents)
        return await self.now(made.reference)

    async def now(self, reference: str) -> Application:
        application = await applications.by_reference(self.db, self.programme.programme, reference)
        assert application is not None
        return application

    async def prepared(self) -> list[PreparedDecision]:
        return await decisions.prepared(self.db, self.programme.programme)

    async def told(self, actor: Actor) -> list[str]:
        """What somebody is told, oldest first."""
        bodies = await self.db.scalars(
            select(OutboxRow.body).where(OutboxRow.person_id == actor.person).order_by(OutboxRow.id)
        )
        return [plain(body["text"]) for body in bodies]

    async def planned(self, actor: Actor) -> list[str]:
        """The kinds of reminder that wait for somebody."""
        return sorted(await self.db.scalars(select(ReminderRow.kind).where(ReminderRow.person_id == actor.person)))

    async def happened(self) -> tuple[int, int]:
        """How many events were logged, and how many messages queued."""
        events = await self.db.scalar(select(func.count()).select_from(EventRow)) or 0
        return events, await self.db.scalar(select(func.count()).select_from(OutboxRow)) or 0


Deed = Callable[[Office, Actor, Application], Awaitable[object]]

OF_ITS_FOUNDER: dict[str, Deed] = {
    "add documents": lambda o, who, a: actions.add_documents(o.db, who, o.programme, a, "deck", []),
    "change an answer": lambda o, who, a: actions.change_answer(o.db, who, o.programme, a, "market", "Oujda."),
    "answer": lambda o, who, a: actions.answer_change_requests(o.db, who, o.programme, a, {"market": "Oujda."}, {}),
    "withdraw": lambda o, who, a: actions.withdraw(o.db, who, a),
}
OF_A_READER: dict[str, Deed] = {
    "give points": lambda o, who, a: actions.give_points(o.db, who, o.programme, a, {"market": 3}, ""),
    "declare a conflict": lambda o, who, a: actions.declare_conflict(o.db, who, a),
}
OF_THE_TEAM: dict[str, Deed] = {
    "request changes": lambda o, who, a: actions.request_changes(o.db, who, o.programme, a, {"market": "Combien ?"}),
    "prepare a decision": lambda o, who, a: actions.prepare_decision(o.db, who, a, "accepted", ""),
    "take a decision back": lambda o, who, a: actions.take_back_decision(
        o.db, who, PreparedDecision(a, "accepted", "", "")
    ),
    "release decisions": lambda o, who, a: actions.release_decisions(
        o.db, who, o.programme, [PreparedDecision(a, "accepted", "", "")]
    ),
}


@pytest.mark.parametrize("name", [*OF_ITS_FOUNDER, *OF_A_READER, *OF_THE_TEAM])
async def test_a_deed_is_refused_to_whoever_has_no_right_to_it_and_changes_nothing(chat: Chat, name: str) -> None:
    async with chat.core.database.transaction() as db:
        office = Office(chat, db)
        salma, driss = await office.actor("salma", "admin"), await office.actor("driss")
        reviewer = await office.actor("nadia", "reviewer", sectors=("green",))
        application = await office.submitted(salma)
        strangers = [driss, reviewer] if name in OF_ITS_FOUNDER else [driss, reviewer, salma]
        if name in OF_THE_TEAM:
            strangers.append(await office.actor("omar", "reviewer", "coach"))
        before = await office.happened()
        deed = {**OF_ITS_FOUNDER, **OF_A_READER, **OF_THE_TEAM}[name]
        for stranger in strangers:
            with pytest.raises(Refused):
                await deed(office, stranger, application)
        assert await office.happened() == before
        assert await office.now(application.reference) == application


async def test_only_who_is_somebody_applies_and_only_the_team_takes_the_table(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        office = Office(chat, db)
        clock = Actor(0, frozenset({"system"}), chat.core.languages, START, "clock")
        with pytest.raises(Refused):
            await actions.submit(db, clock, office.programme, ANSWERS, {})
        reviewer = await office.actor("nadia", "reviewer")
        with pytest.raises(Refused):
            await actions.export(db, reviewer, office.programme, "csv", chat.core.languages["fr"])


async def test_an_application_gets_a_number_a_promised_day_and_readers_and_there_is_one_at_a_time(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        office = Office(chat, db)
        nadia = await office.actor("nadia", "reviewer", sectors=("it",))
        other = await office.actor("omar", "reviewer", sectors=("green",))
        karim, salma = await office.actor("karim", "staff"), await office.actor("salma")
        made = await actions.submit(db, salma, office.programme, ANSWERS, await office.papers(salma))
        assert made.missing == []
        application = await office.now(made.reference)
        assert (application.applicant, application.status) == ("project_holder", "submitted")
        assert application.promised_on == date(2026, 12, 7), "ten working days from Monday, 23 November"
        for reader in (nadia, karim):
            (new,) = await office.told(reader)
            assert made.reference in new
        assert await office.told(other) == []
        assert await office.planned(salma) == ["no_news"]
        with pytest.raises(actions.AlreadyApplied):
            await actions.submit(db, salma, office.programme, ANSWERS, {})
        await actions.withdraw(db, salma, application)
        again = await actions.submit(db, salma, office.programme, ANSWERS, {})
        assert again.reference != made.reference
        assert again.missing, "what was handed in with the other application does not count for this one"


async def test_missing_documents_are_nudged_for_and_the_last_one_makes_the_file_complete(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        office = Office(chat, db)
        salma = await office.actor("salma")
        application = await office.submitted(salma, complete=False)
        assert application.status == "missing_docs"
        assert await office.planned(salma) == ["missing", "missing", "no_news"]
        for document, sent in (await office.papers(salma)).items():
            progress = await actions.add_documents(db, salma, office.programme, application, document, sent)
        assert (progress.complete, progress.waiting) == (True, [])
        assert (await office.now(application.reference)).status == "submitted"
        await actions.withdraw(db, salma, application)
        with pytest.raises(Conflict):
            await actions.add_documents(db, salma, office.programme, application, "deck", [])


async def test_once_the_review_has_begun_only_what_the_team_asks_for_can_be_changed(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        office = Office(chat, db)
        salma, karim = await office.actor("salma"), await office.actor("karim", "staff")
        application = await office.submitted(salma)
        await actions.change_answer(db, salma, office.programme, application, "market", "Oujda.")
        await actions.give_points(db, karim, office.programme, application, {"market": 3}, "")
        with pytest.raises(Conflict):
            await actions.change_answer(db, salma, office.programme, application, "market", "Fès.")
        application = await office.now(application.reference)
        notes = {"market": "Combien de clients ?", "deck": "Illisible."}
        assert await actions.request_changes(db, karim, office.programme, application, notes)
        asked = (await office.told(salma))[-1]
        assert "Combien de clients ?" in asked
        assert "Illisible." in asked
        assert await office.planned(salma) == ["asked", "no_news"]
        with pytest.raises(Conflict):
            await actions.answer_change_requests(db, salma, office.programme, application, {"pitch": "Autre."}, {})
        progress = await actions.change_answer(db, salma, office.programme, application, "market", "Douze.")
        assert [request.item for request in progress.waiting] == ["deck"]
        changed = (await office.told(karim))[-1]
        assert "Oujda." in changed
        assert "Douze." in changed
        deck = {"deck": [await office.file(salma, "deck-2")]}
        progress = await actions.answer_change_requests(db, salma, office.programme, application, {}, deck)
        assert progress.waiting == []
        assert "deck-2.pdf" in (await office.told(karim))[-1]
        application = await office.now(application.reference)
        assert (application.status, application.answers["market"]) == ("in_review", "Douze.")


async def test_what_an_application_does_not_have_cannot_be_asked_for_nor_anything_of_a_closed_one(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        office = Office(chat, db)
        salma, karim = await office.actor("salma"), await office.actor("karim", "staff")
        application = await office.submitted(salma)
        with pytest.raises(LookupError):
            await actions.request_changes(db, karim, office.programme, application, {"gone": "?"})
        await actions.withdraw(db, salma, application)
        for deed in (OF_THE_TEAM["request changes"], OF_THE_TEAM["prepare a decision"], OF_ITS_FOUNDER["withdraw"]):
            with pytest.raises(Conflict):
                await deed(office, salma if deed is OF_ITS_FOUNDER["withdraw"] else karim, application)
        assert await change_requests.of(db, application.id) == []


async def test_the_first_points_begin_the_review_and_a_conflict_of_interest_closes_it(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        office = Office(chat, db)
        salma, nadia = await office.actor("salma"), await office.actor("nadia", "reviewer")
        karim = await office.actor("karim", "staff")
        application = await office.submitted(salma)
        for reader in (nadia, karim, nadia):
            await actions.give_points(db, reader, office.programme, application, {"market": 4}, "")
        assert (await office.now(application.reference)).status == "in_review"
        assert len(await office.told(salma)) == 1, "the founder is told once that it is read"
        await actions.declare_conflict(db, karim, application)
        assert [review.scores for review in await reviews.of(db, application.id) if not review.conflict] == [
            {"market": 4}
        ]
        for deed in (*OF_A_READER.values(), OF_THE_TEAM["request changes"], OF_THE_TEAM["prepare a decision"]):
            with pytest.raises(Refused):
                await deed(office, karim, application)
        await actions.withdraw_conflict(db, karim, application)
        with pytest.raises(LookupError):
            await actions.withdraw_conflict(db, nadia, application)
        await actions.give_points(db, karim, office.programme, application, {"market": 2}, "")
        assert len(await reviews.of(db, application.id)) == 2


async def test_a_decision_is_told_when_it_is_released_and_not_before_nor_twice(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        office = Office(chat, db)
        karim, salma = await office.actor("karim", "staff"), await office.actor("salma")
        away = await office.actor("yassine")
        application, other = await office.submitted(salma), await office.submitted(away, complete=False)
        await actions.prepare_decision(db, karim, application, "waitlisted", "")
        (prepared,) = await office.prepared()
        assert await actions.take_back_decision(db, karim, prepared)
        assert not await actions.take_back_decision(db, karim, prepared)
        await actions.prepare_decision(db, karim, application, "accepted", "Créer la société.")
        await actions.prepare_decision(db, karim, other, "accepted", "")
        assert await office.told(salma) == []
        waiting = await office.prepared()
        await actions.withdraw(db, away, other)
        assert await actions.release_decisions(db, karim, office.programme, waiting) == 1
        assert await actions.release_decisions(db, karim, office.programme, waiting) == 0
        (told,) = await office.told(salma)
        assert "Créer la société." in told
        application = await office.now(application.reference)
        assert (application.status, application.words) == ("accepted", "Créer la société.")
        assert (await office.now(other.reference)).status == "withdrawn"


async def test_the_table_speaks_the_language_of_whoever_takes_it(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        office = Office(chat, db)
        salma, karim = await office.actor("salma"), await office.actor("karim", "staff")
        application = await office.submitted(salma)
        late = replace(karim, now=START + timedelta(hours=16))
        for code in ("fr", "ar"):
            language = chat.core.languages[code]
            table = await actions.export(db, late, office.programme, "csv", language)
            assert table.name == "applications-2026-11-24.csv", "by the day of the hub"
            assert table.founders == [salma.person]
            header, row = csv.reader(io.StringIO(table.content.decode("utf-8-sig")))
            cells = dict(zip(header, row, strict=True))
            sector = office.programme.eligibility.questions["sector"]
            assert cells[sector.title.by_language[code]] == sector.options["it"].label.by_language[code]
            assert application.reference in row
        book = await actions.export(db, late, office.programme, "xlsx", chat.core.languages["fr"])
        assert book.content.startswith(b"PK")
