"""One person on two channels: nothing either told us is lost, nobody else gets in, and notices come where they chose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.channels.base import Gone, Never
from bot.record import NAMES
from handlers.contents import contents
from handlers.talk import understand
from handlers.talk.state import State
from storage import applications, files, link_codes, merging, outbox, people, privacy, receipts, reminders
from storage.database import Database
from storage.people import ROLES
from storage.personal import with_person
from storage.privacy import PERSONAL
from storage.receipts import Receipt
from storage.tables import (
    AddressRow,
    CoachRow,
    ConsentRow,
    ExchangeRow,
    LinkRow,
    OutboxRow,
    PersonRow,
    ReviewRow,
    Table,
    TalkRow,
    WaitRow,
)
from storage.talks import FIELDS
from tests import coaching
from tests.chat import START, Chat, Paper, label_of, plain
from tests.telegram import TOKEN, Telegram
from tests.test_whatsapp import served
from tests.whatsapp import WhatsApp, fails


@pytest.fixture
async def chat(database_url: str, tmp_path: Path) -> AsyncIterator[Chat]:
    async with Chat.on(database_url, tmp_path, table=contents) as found:
        yield found


async def enter(chat: Chat, who: str = "", language: str = "Français", agree: str = "J'accepte") -> None:
    await chat.say("salam", who)
    await chat.press(language, who)
    await chat.press(agree, who)


async def code_of(chat: Chat, who: str = "") -> str:
    await chat.say("lier", who)
    told = await chat.press("Ajouter une application", who)
    return understand.link_code(told[0]["text"])


async def linked(chat: Chat, who: str = "", phone: str = "phone") -> int:
    """Make `phone` the other app of `who`; who they are from then on."""
    await chat.say(await code_of(chat, who), phone)
    await chat.press("Oui, relier", phone)
    found = await chat.person(phone)
    assert found is not None
    assert found == await chat.person(who)
    return found


async def all_of(chat: Chat, query: Any) -> list[Any]:
    async with chat.core.database.reading() as db:
        return list((await db.execute(query)).all())


# what is one ----------------------------------------------------------------------------------------------------------


def test_every_column_that_names_a_person_says_what_becomes_of_it() -> None:
    named = {
        column
        for table in Table.metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name in ("people", "coaches") for key in column.foreign_keys)
        or (str(column.type) in ("BIGINT", "INTEGER") and (column.name.endswith(("_id", "_by")) or column.name == "by"))
    }
    others = {"application_id", "broadcast_id", "outbox_id", "subject_id"}
    declared = [personal.column.property.columns[0] for personal in PERSONAL]
    assert {column for column in named if column.name not in others} == set(declared)
    assert len(declared) == len(set(declared)), "each once"


def test_all_that_a_talk_keeps_is_named_where_it_is_stored() -> None:
    in_memory = {"name", "number", "touched"}  # columns of their own
    kept = {field: name for name, field in NAMES.items()}
    assert [kept.get(field.name, field.name) for field in fields(State) if field.name not in in_memory] == list(FIELDS)


def test_what_is_to_go_with_a_person_does_by_its_foreign_key() -> None:
    for personal in PERSONAL:
        if personal.forget is with_person:
            (key,) = personal.column.property.columns[0].foreign_keys
            assert key.ondelete == "CASCADE", personal.column


async def test_what_either_told_us_is_one(chat: Chat) -> None:
    await enter(chat)
    await enter(chat, "phone")
    one, other = await chat.person(), await chat.person("phone")
    assert one
    assert other
    programme = chat.core.programme
    async with chat.core.database.transaction() as db:
        for who, day in ((one, 3), (other, 10)):
            await files.keep(db, who, f"file{who}", "cv.pdf", "application/pdf", 9, START)
            coach = await coaching.coach(db, f"coach{who}", START, "pitch")
            await coaching.booked(db, programme, who, coach, START + timedelta(days=day, hours=1), START)
            await db.execute(
                update(PersonRow).where(PersonRow.id == who).values(profile={f"fact{who}": "x", "both": who})
            )
        await db.execute(
            insert(WaitRow).values([{"founder_id": who, "topic": "pitch", "at": START} for who in (one, other)])
        )
        await applications.submit(
            db,
            other,
            programme.programme,
            "OUJ",
            "startup",
            {},
            [],
            complete=True,
            promised_on=START.date(),
            now=START,
            today=START.date(),
        )
        await people.grant(db, other, "reviewer", START)
    stays = await linked(chat)
    assert stays == other, "whoever is on the team keeps their number"
    async with chat.core.database.reading() as db:
        kept = await privacy.everything(db, stays)
        assert len(kept["files"]) == len(kept["sessions"]) == 2
        assert len(kept["applications"]) == len(kept["waiting_for"]) == 1
        assert len(kept["addresses"]) == 2
        assert kept["person"]["facts"] == {f"fact{one}": "x", f"fact{other}": "x", "both": other}
        assert kept["person"]["roles"] == "founder reviewer"
        assert await db.scalar(select(PersonRow.id).where(PersonRow.id == one)) is None
        for personal in PERSONAL:
            assert not list(await db.scalars(select(personal.column).where(personal.column == one))), (
                f"{personal.column} still names who is no more"
            )


async def test_two_halves_of_one_form_become_one_and_the_newer_answers_count(chat: Chat) -> None:
    for who in ("", "phone"):
        await enter(chat, who)
        await chat.press("Suis-je éligible ?", who)
    await chat.press("Startup ou société")
    await chat.press("Green Tech")
    await chat.press("Terminer")
    code = await code_of(chat)
    await chat.press("Coopérative", "phone")
    await chat.say(code, "phone")
    await chat.press("Oui, relier", "phone")
    told = await chat.press("Continuer", "phone")
    assert "Où en est votre projet" in told[0]["text"], "the sector is answered, though only in the older of the two"
    (row,) = await all_of(chat, select(TalkRow.state).where(TalkRow.name == "eligibility"))
    assert "cooperative" in row.state["answers"].values(), "the newer answer counts"


async def test_an_old_button_of_either_answers_nothing_of_the_other(chat: Chat) -> None:
    for who in ("", "phone"):
        await enter(chat, who)
        await chat.press("Suis-je éligible ?", who)
    await linked(chat)
    for who in ("", "phone"):
        told = await chat.press("Coopérative", who)
        assert "conversation précédente" in told[0]["text"] or "ne compte plus" in told[0]["text"], told[0]["text"]
    rows = await all_of(chat, select(TalkRow.state).where(TalkRow.name == "eligibility"))
    assert [row.state.get("answers", {}) for row in rows] == [{}]


async def test_the_newest_word_on_announcements_counts(chat: Chat) -> None:
    await enter(chat)
    await enter(chat, "phone")
    await chat.say("annonces", "phone")
    await chat.say("annonces")
    await chat.say("/stop")
    stays = await linked(chat)
    agreed = (await all_of(chat, select(PersonRow.agreed).where(PersonRow.id == stays)))[0].agreed
    proofs = await all_of(
        chat,
        select(ConsentRow.granted)
        .where(ConsentRow.person_id == stays, ConsentRow.purpose == "news")
        .order_by(ConsentRow.at),
    )
    assert [proof.granted for proof in proofs] == [True, True, False], "the proofs of both are kept"
    assert agreed == ["data"]


async def test_an_exchange_with_the_team_goes_on_in_both(chat: Chat) -> None:
    await enter(chat, "karim")
    async with chat.core.database.transaction() as db:
        await people.grant(db, await chat.person("karim") or 0, "staff", START)
    for who in ("", "phone"):
        await enter(chat, who)
        await chat.say("équipe", who)
        await chat.say("Bonjour, une question.", who)
    async with chat.core.database.transaction() as db:
        code = await link_codes.offer(db, await chat.person() or 0, chat.clock.now())
    await chat.say("menu", "phone")
    await chat.say(code, "phone")
    await chat.press("Oui, relier", "phone")
    open_ = await all_of(chat, select(ExchangeRow.person_id).where(ExchangeRow.closed_at.is_(None)))
    assert len(open_) == 1, "two exchanges of one person would be answered twice"


async def test_two_reviews_of_one_application_by_one_person_are_one(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        one, other = [await people.add(db, "paper", name, START) for name in ("", "phone")]
        founder = await people.add(db, "paper", "salma", START)
        programme = chat.core.programme.programme
        application = await applications.submit(
            db,
            founder,
            programme,
            "OUJ",
            "startup",
            {},
            [],
            complete=True,
            promised_on=START.date(),
            now=START,
            today=START.date(),
        )
        await db.execute(
            insert(ReviewRow).values(
                [
                    {"application_id": application.id, "reviewer_id": who, "notes": str(who), "at": START}
                    for who in (one, other)
                ]
            )
        )
        stays = await merging.merge(db, one, other, START)
        assert [*await db.scalars(select(ReviewRow.notes))] == [str(stays)]


# who may --------------------------------------------------------------------------------------------------------------


async def test_a_code_counts_once_for_a_quarter_of_an_hour_and_only_the_newest(chat: Chat) -> None:
    await enter(chat)
    older, newer = await code_of(chat), await code_of(chat)
    assert "trop ancien" in (await chat.say(older, "phone"))[0]["text"]
    assert (
        "relie cette conversation" in (await chat.say(f"Voici : {newer.lower().replace('-', '–')}", "phone"))[0]["text"]
    )
    chat.clock.pass_(minutes=link_codes.MINUTES)
    assert "trop ancien" in (await chat.press("Oui, relier", "phone"))[0]["text"], (
        "too late, though it was in time when asked"
    )
    assert await chat.person() != await chat.person("phone")
    await linked(chat, phone="tablet")
    assert await all_of(chat, select(LinkRow.digest)) == []


async def test_a_guess_opens_nothing(chat: Chat) -> None:
    await enter(chat)
    await code_of(chat)
    for guess in ("MK-0000-0000-0000", "MK-ZZZZ-ZZZZ-ZZZZ"):
        assert "trop ancien" in (await chat.say(guess, "thief"))[0]["text"]
    assert await chat.person("thief") != await chat.person()


async def test_a_code_sent_by_somebody_else_is_warned_of_and_a_mere_ok_links_nothing(chat: Chat) -> None:
    await enter(chat)
    told = await chat.say(await code_of(chat), "phone")
    assert "cette personne lira ensuite vos réponses et vos documents" in told[0]["text"]
    await chat.say("ok", "phone")
    assert await chat.person() != await chat.person("phone")
    assert "Rien n'a été relié" in (await chat.say("non", "phone"))[0]["text"]
    assert "Choisissez votre langue" in (await chat.say("bonjour", "phone"))[0]["text"], (
        "they are new, and welcomed as such"
    )


@pytest.mark.parametrize("clash", ["applications", "sessions", "coaches"])
async def test_what_one_person_cannot_have_twice_is_named_and_nothing_changes(chat: Chat, clash: str) -> None:
    await enter(chat)
    await enter(chat, "phone")
    programme = chat.core.programme
    async with chat.core.database.transaction() as db:
        for who in ("", "phone"):
            id = await people.at(db, "paper", who or "founder") or 0
            if clash == "applications":
                await applications.submit(
                    db,
                    id,
                    programme.programme,
                    "OUJ",
                    "startup",
                    {},
                    [],
                    complete=True,
                    promised_on=START.date(),
                    now=START,
                    today=START.date(),
                )
            elif clash == "sessions":
                coach = await coaching.coach(db, f"coach{id}", START, "pitch")
                await coaching.booked(db, programme, id, coach, START + timedelta(days=3, hours=1), START)
            else:
                await db.execute(insert(CoachRow).values(person_id=id, name="Nadia", feed=f"secret{id}"))
    code = await code_of(chat)
    await chat.say(code, "phone")
    told = (await chat.press("Oui, relier", "phone"))[0]["text"]
    assert {"applications": "Retirez", "sessions": "se chevauchent", "coaches": "profils de coach"}[clash] in told
    assert await chat.person() != await chat.person("phone")


async def test_two_phones_that_link_with_each_other_at_once_become_one_person(chat: Chat) -> None:
    await enter(chat)
    await enter(chat, "phone")
    mine, theirs = await code_of(chat), await code_of(chat, "phone")
    await chat.say(theirs)
    await chat.say(mine, "phone")
    presses = []
    for who in ("", "phone"):
        button = next(button for button in reversed(chat.buttons[who]) if button["label"] == "Oui, relier")
        presses.append(chat.incoming(who, kind="press", press=button["carries"]))
    await asyncio.gather(*(chat.core.turns.take(one) for one in presses))
    await chat.settle()
    assert await chat.person() == await chat.person("phone")
    assert len(await all_of(chat, select(PersonRow.id))) == 1
    assert "Que souhaitez-vous" in (await chat.say("menu"))[0]["text"]


async def test_somebody_who_writes_while_they_are_linked_loses_no_word(chat: Chat) -> None:
    await enter(chat)
    await enter(chat, "phone")
    await chat.press("Suis-je éligible ?", "phone")
    await chat.say(await code_of(chat), "phone")
    button = next(button for button in reversed(chat.buttons["phone"]) if button["label"] == "Oui, relier")
    link = chat.incoming("phone", kind="press", press=button["carries"])
    words = [chat.incoming(text=f"question {n} sur les tarifs ?") for n in range(5)]
    before = len(chat.paper.sent)
    await asyncio.gather(chat.core.turns.take(link), *(chat.core.turns.take(one) for one in words))
    await chat.settle()
    answered = [address for address, _part in chat.paper.sent[before:]]
    assert (answered.count("founder"), answered.count("phone")) == (5, 1)


# where notices come ---------------------------------------------------------------------------------------------------


class Two:
    """A person on two channels, and a page."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.other, self.page = Paper(), Paper()
        self.other.name, self.page.name = "other", "web"
        for channel in (self.other, self.page):
            chat.core.sender.add(channel)
            chat.core.sender.active.add(channel.name)
        self.id = 0

    async def meet(self) -> None:
        async with self.chat.core.database.transaction() as db:
            self.id = await people.add(db, "paper", "salma", START)
            for channel, after in (("other", -1), ("web", 5)):
                row = {
                    "person_id": self.id,
                    "channel": channel,
                    "address": "salma",
                    "used_at": START + timedelta(hours=after),
                }
                await db.execute(insert(AddressRow).values(**row))

    async def told(self, said: str, purpose: str | None = None) -> dict[str, list[str]]:
        """Where a notice came to."""
        async with self.chat.core.database.transaction() as db:
            await outbox.notify(db, self.id, {"text": said, "language": "fr"}, self.chat.clock.now(), purpose=purpose)
        for _channel in range(3):
            await self.chat.settle()
        found = {"paper": self.chat.paper, "other": self.other, "web": self.page}
        return {
            name: [part["text"] for _address, part in channel.sent if part["text"] == said]
            for name, channel in found.items()
        }

    async def choose(self, channel: str | None) -> None:
        async with self.chat.core.database.transaction() as db:
            await people.choose(db, self.id, channel)


@pytest.fixture
async def two(chat: Chat) -> Two:
    found = Two(chat)
    await found.meet()
    return found


def only(channel: str, said: str) -> dict[str, list[str]]:
    return {"paper": [], "other": [], "web": [], channel: [said]}


async def test_notices_come_where_one_was_last_but_not_on_a_page_that_is_closed_or_where_one_chose(two: Two) -> None:
    assert await two.told("1") == only("paper", "1")
    await two.choose("other")
    assert await two.told("2") == only("other", "2")
    await two.choose("web")
    assert await two.told("3") == only("web", "3")
    await two.choose(None)
    assert await two.told("4") == only("paper", "4")
    async with two.chat.core.database.reading() as db:
        assert await reminders.reach(db, [two.id]) == {two.id: ("paper", "salma")}, "reminders know it too"


@pytest.mark.parametrize("outcome", [Gone("blocked"), Never("400 bad request")], ids=["blocked", "refused"])
async def test_what_fails_on_one_channel_comes_on_the_other_once(two: Two, outcome: Gone | Never) -> None:
    await two.choose("other")
    two.other.next.append(outcome)
    assert await two.told("hello", "once") == only("paper", "hello")
    row = (await all_of(two.chat, select(OutboxRow.state, OutboxRow.channel, OutboxRow.purpose)))[0]
    assert tuple(row) == ("sent", "paper", "once")


async def test_what_fails_everywhere_ends_as_failed_and_is_tried_at_each_once(two: Two) -> None:
    for channel in (two.chat.paper, two.other, two.page):
        channel.next += [Never("400")]
    assert await two.told("hello") == {"paper": [], "other": [], "web": []}
    assert [row.state for row in await all_of(two.chat, select(OutboxRow.state))] == ["failed"]
    assert not any(channel.next for channel in (two.chat.paper, two.other, two.page))


async def test_what_waits_for_a_chat_that_is_blocked_meanwhile_goes_elsewhere(two: Two) -> None:
    two.other.next.append(Gone("blocked"))
    await two.choose("other")
    async with two.chat.core.database.transaction() as db:
        for said, wait in (("now", 0), ("later", 60)):
            await outbox.notify(
                db, two.id, {"text": said, "language": "fr"}, two.chat.clock.now() + timedelta(minutes=wait)
            )
    await two.chat.settle()
    two.chat.clock.pass_(minutes=61)
    await two.chat.settle()
    assert [part["text"] for _address, part in two.chat.paper.sent] == ["now", "later"]


async def test_what_a_platform_says_later_it_could_not_deliver_goes_elsewhere(two: Two) -> None:
    await two.choose("other")
    assert await two.told("hello") == only("other", "hello")
    async with two.chat.core.database.transaction() as db:
        id = (await db.execute(select(OutboxRow.id, OutboxRow.platform_id))).one()
        assert await receipts.forward(
            db, "other", [Receipt("failed", id.platform_id, id.id, "131026")], two.chat.clock.now()
        )
        assert not await receipts.forward(
            db, "other", [Receipt("failed", id.platform_id, id.id, "131026")], two.chat.clock.now()
        ), "once"
    await two.chat.settle()
    assert [part["text"] for _address, part in two.chat.paper.sent] == ["hello"]


async def test_an_answer_stays_where_it_was_asked(two: Two) -> None:
    chat = two.chat
    chat.paper.next += [Never("400")]
    await chat.say("salam", "salma")
    assert not two.other.sent
    assert not two.page.sent


async def test_a_role_list_of_both_is_in_its_order(database_url: str) -> None:
    database = Database(database_url)
    try:
        async with database.transaction() as db:
            one, other = [await people.add(db, "paper", name, START) for name in ("a", "b")]
            await people.grant(db, one, "staff", START)
            await people.grant(db, other, "reviewer", START)
            stays = await merging.merge(db, one, other, START)
            roles = await db.scalar(select(PersonRow.roles).where(PersonRow.id == stays))
        assert (stays, roles) == (one, " ".join(role for role in ROLES if role in ("founder", "reviewer", "staff")))
    finally:
        await database.close()


async def test_the_founder_chooses_in_the_chat_where_reminders_come(two: Two) -> None:
    chat = two.chat
    await enter(chat, "salma")
    told = await chat.say("lier", "salma")
    assert "l'application utilisée en dernier" in told[0]["text"]
    labels = [label_of(button) for button in told[0]["buttons"]]
    assert labels == [
        "Ajouter une application",
        "Rappels sur : la page web",
        "Rappels sur : paper",
        "Rappels sur : other",
        "Menu",
    ]
    await chat.press("Rappels sur : other", "salma")
    assert await two.told("hello") == only("other", "hello")
    assert "Les rappels et les nouvelles arrivent sur : other." in plain((await chat.say("lier", "salma"))[0]["text"])
    await chat.press("La dernière utilisée", "salma")
    assert await two.told("bye") == only("paper", "bye")


# for real: Telegram, WhatsApp and the page ------------------------------------------------------------------------------


async def test_a_founder_begins_on_telegram_and_ends_on_whatsapp_where_reminders_come_until_it_fails(
    database_url: str, tmp_path: Path
) -> None:
    async with Telegram() as telegram, WhatsApp() as whatsapp:
        keys: dict[str, Any] = {"telegram_token": TOKEN, "telegram_api": telegram.url, "public_url": ""}
        async with served(database_url, tmp_path, whatsapp, **keys) as house:
            there, here = telegram.person("Salma", language="ar"), whatsapp.person("Salma")
            there.says("/start")
            await there.reads()
            for label in ("العربية", "أوافق", "هل مشروعي مؤهل؟", "مقاولة ناشئة أو شركة"):
                there.presses(label)
                asked = await there.reads()
            there.says("ربط")
            await there.reads()
            there.presses("إضافة تطبيق آخر")
            told = await there.reads()
            here.says(told)  # the whole message, as it is forwarded
            assert "يربط هذا الرمز" in await here.reads(), "in the language they chose there"
            here.presses("نعم، اربطهما")
            assert "محادثة واحدة" in await here.reads()
            here.presses("متابعة")
            assert plain(await here.reads()).splitlines()[0] == plain(asked).splitlines()[0], "the very question"
            here.says("ربط")
            assert "WhatsApp · Telegram" in plain(await here.reads())
            here.presses("التذكيرات عبر: WhatsApp")
            await here.reads()
            core = house.served.core

            async def remind(said: str) -> None:
                async with core.database.transaction() as db:
                    who = await people.at(db, "telegram", str(there.id)) or 0
                    await outbox.notify(db, who, {"text": said, "language": "ar"}, core.clock.now())
                core.sender.wake()

            await remind("تذكير")
            assert await here.reads() == "تذكير"
            whatsapp.fail(fails(131026))
            await remind("تذكير ثان")
            assert await there.reads() == "تذكير ثان"
