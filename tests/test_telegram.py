"""Whole talks on a Telegram of our own, by webhook and by long polling, on both databases; and everything that goes wrong there."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from storage import outbox, people, privacy
from storage.database import Database
from storage.tables import ApplicationRow, InboxRow, OutboxRow
from tests.chat import plain
from tests.house import PDF, House
from tests.telegram import TOKEN, Telegram, dropped, page, refused, too_many
from tests.telegram_people import Person

SECRET = "only-telegram-knows"
WAYS = ("webhook", "polling")
SCRIPTS = Path(__file__).parent / "transcripts" / "application"


@asynccontextmanager
async def served(url: str, folder: Path, telegram: Telegram, way: str) -> AsyncIterator[House]:
    """The bot, known to this Telegram."""
    house = House(url, folder, telegram_token=TOKEN, telegram_api=telegram.url, telegram_secret=SECRET, public_url="")
    if way == "webhook":
        house.settings = house.settings.model_copy(update={"public_url": house.url})
    await house.start()
    try:
        yield house
    finally:
        await house.stop()


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with Telegram() as found:
        yield found


@pytest.fixture(params=WAYS)
async def house(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path, telegram: Telegram
) -> AsyncIterator[House]:
    async with served(database_url, tmp_path, telegram, request.param) as found:
        yield found


@pytest.fixture
async def hooked(sqlite_url: str, tmp_path: Path, telegram: Telegram) -> AsyncIterator[House]:
    """By webhook, on SQLite, where neither changes anything."""
    async with served(sqlite_url, tmp_path, telegram, "webhook") as found:
        await telegram.bell.until(lambda: telegram.hook is not None, "the bot asks for a webhook")
        yield found


async def enter(person: Person, language: str = "Français", agree: str = "J'accepte") -> None:
    person.says("/start")
    await person.reads()
    person.presses(language)
    await person.reads()
    person.presses(agree)
    await person.reads()


async def count(house: House, query: Any) -> int:
    async with house.served.core.database.reading() as db:
        return int(await db.scalar(query) or 0)


# the whole talk -----------------------------------------------------------------------------------------------------


async def play(house: House, person: Person, script: str) -> str:
    """What a founder of a transcript does, each answer after the question; the last words heard."""
    said = ""
    for line in script.splitlines():
        if not line.startswith("> "):
            continue
        house.clock.by += house.clock.by.resolution * 1_000_000  # a founder takes a second
        words = line.removeprefix("> ")
        if words.startswith("["):
            person.presses(words[1:-1])
        elif words.startswith("{"):
            person.sends_document(words[1:-1], PDF)
        else:
            person.says(words)
        said = await person.reads()
    return plain(said)


async def test_a_founder_applies_in_arabic_from_hello_to_the_file_number(house: House, telegram: Telegram) -> None:
    salma = telegram.person("سلمى", language="ar")
    script = (SCRIPTS / "project_holder.ar.txt").read_text("utf-8")
    assert re.search(r"OUJ-20\d\d-0001", await play(house, salma, script))
    assert await count(house, select(func.count()).select_from(ApplicationRow)) == 1
    assert not [message for message in salma.heard if "entities" in message], "plain text: nothing is ever markup"
    await telegram.bell.until(lambda: telegram.delivered, "every update is confirmed")
    await telegram.bell.until(lambda: not telegram.spinning, "no button keeps spinning")


async def test_the_picture_of_an_announcement_is_looked_at_in_the_chat_and_one_too_large_comes_as_a_document(
    hooked: House, telegram: Telegram
) -> None:
    core, salma = hooked.served.core, telegram.person("Salma")
    await enter(salma)
    for size in (9_000, 11 * 2**20):
        id = core.store.keep(b"\xff\xd8\xff" + bytes(size))
        body = {
            "text": "📣 Portes ouvertes",
            "language": "fr",
            "file": [id, "affiche.jpg", "image/jpeg", size],
            "picture": True,
        }
        async with core.database.transaction() as db:
            await outbox.notify(db, await people.at(db, "telegram", str(salma.id)) or 0, body, core.clock.now())
        core.sender.wake()
        await salma.reads()
    assert [kind for message in salma.heard[-2:] for kind in ("photo", "document") if kind in message] == [
        "photo",
        "document",
    ]


async def test_a_chat_gets_three_notices_at_once_then_one_a_second_and_answers_never_wait(
    hooked: House, telegram: Telegram
) -> None:
    core, salma = hooked.served.core, telegram.person("Salma")
    await enter(salma)
    hooked.clock.by += timedelta(seconds=10)
    async with core.database.transaction() as db:
        id = await people.at(db, "telegram", str(salma.id)) or 0
        for n in range(5):
            await outbox.notify(db, id, {"text": f"avis {n}", "language": "fr"}, core.clock.now())
    core.sender.wake()
    await telegram.bell.until(lambda: len(salma.heard) >= 6)
    salma.says("/help")
    await telegram.bell.until(lambda: "toujours" in salma.texts[-1])
    for more in (1, 2):
        hooked.clock.by += timedelta(seconds=5)
        core.sender.wake()
        await telegram.bell.until(lambda more=more: f"avis {2 + more}" in salma.texts)  # type: ignore[misc]
    assert [text for text in salma.texts if text.startswith("avis")] == [f"avis {n}" for n in range(5)], (
        "each once, in their order"
    )
    await core.sender.idle()
    assert await count(hooked, select(func.sum(OutboxRow.attempts)).where(OutboxRow.lane == 1)) > 5, "some had to wait"


async def test_two_phones_a_coach_and_a_founder_meet(hooked: House, telegram: Telegram) -> None:
    coach, founder = telegram.person("Salma"), telegram.person("Youssef")
    await enter(coach)
    async with hooked.served.core.database.transaction() as db:
        id = await people.at(db, "telegram", str(coach.id))
        assert id is not None
        await people.grant(db, id, "coach", hooked.clock.now())
    for words in (
        "/agenda",
        "Salma Benali",
        "1",
        "Terminer",
        "Français",
        "Terminer",
        "passer",
        "passer",
        "/hours",
        "lundi 9h-12h",
        "/hours",
        "jeudi 9h-12h",
    ):
        coach.presses(words) if words in ("Terminer", "Français") else coach.says(words)
        await coach.reads()
    await enter(founder)
    founder.says("/book")
    await founder.reads()
    founder.says("1")
    await founder.reads()
    founder.says("1")
    await founder.reads()
    founder.says("passer")
    assert "confirmée" in await founder.reads()
    assert founder.heard[-1]["document"]["file_name"] == "mouwakib.ics"
    assert "Une nouvelle séance" in await coach.reads()
    await founder.reads()
    founder.presses("Mes rendez-vous")
    await founder.reads()
    founder.presses("Annuler la séance")
    await founder.reads()
    founder.presses("Oui, annuler")
    assert "annulée" in await founder.reads()
    assert "annulée" in await coach.reads(), "before anybody says why"
    assert "pourquoi" in await founder.reads()


async def test_the_number_is_shared_with_one_tap_and_somebody_elses_card_is_not_taken(
    hooked: House, telegram: Telegram
) -> None:
    salma, friend = telegram.person("Salma"), telegram.person("Karim")
    await play(hooked, salma, (SCRIPTS / "project_holder.fr.txt").read_text("utf-8").partition("\n> 06 12")[0])
    assert "Partager mon numéro" in salma.labels
    salma.sends_card(friend)
    refused_ = await salma.reads()
    assert friend.phone not in refused_
    salma.presses("Partager mon numéro")
    await salma.reads()
    salma.says("/privacy")
    await salma.reads()
    async with hooked.served.core.database.reading() as db:
        id = await people.at(db, "telegram", str(salma.id))
        assert f"+{salma.phone}" in json.dumps((await privacy.everything(db, id or 0))["unfinished"], default=str)


async def test_an_album_is_answered_once(hooked: House, telegram: Telegram) -> None:
    salma = telegram.person("Salma")
    await play(hooked, salma, (SCRIPTS / "project_holder.fr.txt").read_text("utf-8").partition("\n> {cv.pdf}")[0])
    before = len(salma.heard)
    with hooked.clock.still():  # the last page comes less than 1.5 s after the first
        salma.sends_album(("page1.pdf", PDF), ("page2.pdf", PDF), ("page3.pdf", PDF))
        await telegram.bell.until(lambda: telegram.delivered, "all three are confirmed")
    text = plain(await salma.reads())
    assert "page1.pdf, page2.pdf, page3.pdf" in text
    assert len(salma.heard) == before + 1


async def test_a_deep_link_opens_what_it_names(hooked: House, telegram: Telegram) -> None:
    salma = telegram.person("Salma")
    salma.says("/start eligibility")
    await salma.reads()
    salma.presses("Français")
    await salma.reads()
    salma.presses("J'accepte")
    assert "situation" in await salma.reads()


@pytest.mark.parametrize("what", ["speaks", "sends_sticker", "sends_place"])
async def test_what_is_no_answer_is_answered_kindly_and_loses_nothing(
    hooked: House, telegram: Telegram, what: str
) -> None:
    salma = telegram.person("Salma")
    await enter(salma)
    salma.says("/eligibility")
    asked = await salma.reads()
    getattr(salma, what)()
    again = await salma.reads()
    assert again != asked
    assert "situation" in again


async def test_an_edited_message_is_explained_and_changes_nothing(hooked: House, telegram: Telegram) -> None:
    salma = telegram.person("Salma")
    await enter(salma)
    salma.says("Quels sont vos services ?")
    await salma.reads()
    salma.edits("Autre chose")
    assert "modif" in (await salma.reads()).lower()


async def test_who_blocks_us_is_left_in_peace_and_found_again(hooked: House, telegram: Telegram) -> None:
    salma = telegram.person("Salma")
    await enter(salma)
    salma.blocks()
    await telegram.bell.until(lambda: telegram.delivered, "the farewell is confirmed")
    salma.unblocks()
    salma.says("menu")
    assert "Que souhaitez-vous" in await salma.reads()


async def test_a_group_is_told_once_that_we_talk_in_private(hooked: House, telegram: Telegram) -> None:
    group, salma = telegram.group("Startups"), telegram.person("Salma")
    for _time in range(3):
        salma.says("/start", group)
    await telegram.bell.until(lambda: telegram.delivered, "all three are confirmed")
    sent = [call.said for call in telegram.called("sendMessage") if str(call.said["chat_id"]) == str(group.id)]
    assert len(sent) <= 1
    assert not salma.heard


@pytest.mark.parametrize(
    "data",
    [
        "",
        "/end 1",
        "/answer 1",
        "/session 1",
        "/coaches",
        "x" * 64,
        "eligibility:1:who=ok",
        "1:q=\x00",
        "🙂",
        "1:applicant=../../etc",
    ],
)
async def test_forged_buttons_open_nothing_and_break_nothing(hooked: House, telegram: Telegram, data: str) -> None:
    salma = telegram.person("Salma")
    await enter(salma)
    salma.forges(data)
    await salma.reads()
    salma.says("/eligibility")
    assert "situation" in await salma.reads()


# delivery, again and again -------------------------------------------------------------------------------------------


async def test_twenty_deliveries_of_one_update_at_once_are_one_turn(hooked: House, telegram: Telegram) -> None:
    salma = telegram.person("Salma")
    await enter(salma)
    before = len(salma.heard)
    update = salma.says("/eligibility")
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    async with httpx2.AsyncClient(base_url=hooked.url) as http:
        answers = await asyncio.gather(*(http.post("/telegram", json=update, headers=headers) for _time in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    await salma.reads()
    await telegram.bell.until(lambda: telegram.delivered, "the update is confirmed")
    assert len(salma.heard) == before + 1


@pytest.mark.parametrize("way", WAYS)
async def test_what_was_said_while_the_bot_was_away_is_answered_once_when_it_is_back(
    sqlite_url: str, tmp_path: Path, telegram: Telegram, way: str
) -> None:
    salma = telegram.person("Salma")
    async with served(sqlite_url, tmp_path, telegram, way) as house:
        await enter(salma)
        await telegram.bell.until(lambda: telegram.delivered, "all is confirmed")
        await house.stop()
        salma.says("menu")
        await house.start()
        assert "Que souhaitez-vous" in plain(await salma.reads())
        await telegram.bell.until(lambda: telegram.delivered, "it is confirmed", 30)
    assert salma.unread == 0


async def test_five_thousand_queued_updates_are_drained_each_person_in_order(
    sqlite_url: str, tmp_path: Path, telegram: Telegram
) -> None:
    crowd = [telegram.person(f"P{n}") for n in range(500)]
    for _round in range(9):
        for person in crowd:
            person.says("bonjour")
    for person in crowd:
        person.says("Français")
    async with served(sqlite_url, tmp_path, telegram, "polling") as house:
        await telegram.bell.until(lambda: telegram.delivered, "all five thousand are confirmed", 60)
        assert await count(house, select(func.count()).select_from(InboxRow)) == 5000
        await telegram.bell.until(
            lambda: (
                all("Bonjour et bienvenue" in person.texts[-1] for person in crowd if person.heard)
                and all(p.heard for p in crowd)
            ),
            "everybody was answered, and last what they said last",
            60,
        )


# what Telegram may answer ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [too_many(1), page(502), refused(500, "Internal Server Error")],
    ids=["429", "a page of the proxy", "500"],
)
async def test_a_message_that_did_not_go_goes_later(hooked: House, telegram: Telegram, fault: Any) -> None:
    salma = telegram.person("Salma")
    await enter(salma)
    telegram.fail("sendMessage", fault)
    salma.says("/eligibility")
    assert "situation" in await salma.reads()


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (dropped(done=True), "unknown"),
        (dropped(done=False), "unknown"),
        (refused(403, "Forbidden: bot was blocked by the user"), "failed"),
        (refused(400, "Bad Request: chat not found"), "failed"),
        (refused(400, "Bad Request: message is too long"), "failed"),
    ],
    ids=["a broken connection, done", "a broken connection, not done", "blocked", "no such chat", "refused"],
)
async def test_what_became_of_a_message_is_written_down_and_the_next_one_is_answered(
    hooked: House, telegram: Telegram, fault: Any, state: str
) -> None:
    salma = telegram.person("Salma")
    await enter(salma)
    telegram.fail("sendMessage", fault)
    salma.says("/eligibility")
    await telegram.bell.until(
        lambda: telegram.delivered and not telegram._faults.get("sendmessage"), "the answer met its fault"
    )
    salma.says("menu")
    heard = [await salma.reads()]
    while "Que souhaitez-vous" not in heard[-1]:
        heard.append(await salma.reads())
    await hooked.stop()  # what became of each is written in groups, at the latest now
    database = Database(hooked.settings.database_url)
    async with database.reading() as db:
        assert state in set(await db.scalars(select(OutboxRow.state)))
    await database.close()


# at the door ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "secret", "body", "status"),
    [
        ("POST", "", b"{}", 401),
        ("POST", "wrong", b"{}", 401),
        ("POST", SECRET + "x", b"not even JSON", 401),
        ("GET", SECRET, b"", 405),
        ("POST", SECRET, b"", 400),
        ("POST", SECRET, b"salam", 400),
        ("POST", SECRET, b"[]", 400),
        ("POST", SECRET, b'{"update_id": "7"}', 400),
        ("POST", SECRET, b"[" * 100_000, 400),
        ("POST", SECRET, b" " * 1_000_001, 413),
        ("POST", SECRET, b'{"update_id": 7}', 200),
        ("POST", SECRET, b'{"update_id": 8, "message": {"chat": 7}}', 200),
    ],
)
async def test_only_telegram_gets_in_and_what_is_broken_never_comes_again(
    hooked: House, method: str, secret: str, body: bytes, status: int
) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
    async with httpx2.AsyncClient(base_url=hooked.url) as http:
        assert (await http.request(method, "/telegram", content=body, headers=headers)).status_code == status


async def test_commands_are_set_in_three_languages_and_for_all_others(hooked: House, telegram: Telegram) -> None:
    await telegram.bell.until(lambda: len(telegram.commands) >= 4, "the commands are set")
    languages = {language for _scope, language in telegram.commands}
    assert languages == {"", "ar", "fr", "en"}
    for listed in telegram.commands.values():
        assert {"apply", "eligibility", "menu", "privacy", "book"} <= {command["command"] for command in listed}
        assert not {"answer", "session", "coaches"} & {command["command"] for command in listed}
