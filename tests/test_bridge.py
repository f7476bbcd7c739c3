"""Whole talks over a WAHA and a GOWA of our own, typed by number, on both databases; and everything a bridge does to us."""

from __future__ import annotations

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

from bot.commands.doctor import examine
from storage import outbox, people
from storage.tables import AddressRow, FileRow, InboxRow, OutboxRow, PersonRow
from tests.bridge import KEY, SECRET, SESSION, USER, GowaServer, Person, Server, WahaServer, told
from tests.chat import plain
from tests.house import PDF, House
from tests.wire import Answer

KEYS = {
    "waha": {"waha_key": KEY, "waha_session": SESSION, "waha_secret": SECRET},
    "gowa": {"gowa_key": USER, "gowa_secret": SECRET},
}


async def at_once(_seconds: float) -> None:
    """A bot that takes no time to type."""


@asynccontextmanager
async def served(url: str, folder: Path, bridge: Server) -> AsyncIterator[House]:
    """The bot, known to this bridge; its clock is everybody's."""
    house = House(url, folder, **{f"{bridge.name}_url": bridge.url}, **KEYS[bridge.name])
    bridge.now = house.clock.now
    await house.start()
    house.served.bridges[0].rest = at_once
    bridge.hook(f"{house.url}/{bridge.name}")
    try:
        yield house
    finally:
        await house.stop()


@pytest.fixture(params=[WahaServer, GowaServer], ids=["waha", "gowa"])
async def bridge(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    async with request.param() as found:
        yield found


@pytest.fixture
async def waha() -> AsyncIterator[WahaServer]:
    async with WahaServer() as found:
        yield found


@pytest.fixture
async def house(database_url: str, tmp_path: Path, bridge: Server) -> AsyncIterator[House]:
    async with served(database_url, tmp_path, bridge) as found:
        yield found


@pytest.fixture
async def lite(sqlite_url: str, tmp_path: Path, bridge: Server) -> AsyncIterator[House]:
    """On SQLite, where the kind of database changes nothing."""
    async with served(sqlite_url, tmp_path, bridge) as found:
        yield found


@pytest.fixture
async def over_waha(sqlite_url: str, tmp_path: Path, waha: WahaServer) -> AsyncIterator[House]:
    async with served(sqlite_url, tmp_path, waha) as found:
        yield found


async def rows(house: House, query: Any) -> Any:
    async with house.served.core.database.reading() as db:
        return (await db.execute(query)).all()


async def count(house: House, table: Any) -> int:
    return int((await rows(house, select(func.count()).select_from(table)))[0][0])


async def chooses(house: House, person: Person, *lines: str) -> str:
    """Type these, one after the other; the last answer. A line of the menu is typed by its number, as one does there."""
    said = ""
    for words in lines:
        house.clock.by += timedelta(seconds=10)
        shown = plain(person.texts[-1]) if person.texts else ""
        numbers = {label: at for at, label in re.findall(r"^(\d+)\. (.*)$", shown, re.MULTILINE)}
        if words.startswith("{"):
            person.sends_document(words[1:-1], PDF)
        else:
            person.says(str(numbers.get(words, words)))
        said = plain(await person.reads())
    return said


async def enter(house: House, person: Person) -> None:
    await chooses(house, person, "salam", "Français", "J'accepte")


# whole talks ----------------------------------------------------------------------------------------------------------

SCRIPTS = Path(__file__).parent / "transcripts" / "eligibility"


@pytest.mark.parametrize("language", ["fr", "ar"])
async def test_a_founder_goes_from_hello_to_the_verdict_by_numbers_alone(
    house: House, bridge: Server, language: str
) -> None:
    salma = bridge.person("سلمى")
    script = (SCRIPTS / f"ok.{language}.txt").read_text("utf-8")
    lines = [line.removeprefix("> ").strip("[]") for line in script.splitlines() if line.startswith("> ")]
    assert len(lines) > 8
    await chooses(house, salma, *lines)
    verdict = script.rpartition("\n> ")[2].partition("\n< ")[2].partition("\n")[0]
    assert verdict in plain(salma.texts[-1])
    assert not [call for path, call in bridge.calls if "button" in path.lower()], "no bridge has buttons that work"


async def test_a_founder_applies_with_documents_and_takes_a_copy_home(house: House, bridge: Server) -> None:
    salma = bridge.person("Salma")
    script = (SCRIPTS.parent / "application" / "project_holder.fr.txt").read_text("utf-8")
    lines = [line.removeprefix("> ").strip("[]") for line in script.splitlines() if line.startswith("> ")]
    assert any(line.startswith("{") for line in lines)
    await chooses(house, salma, *lines)
    assert re.search(r"OUJ-20\d\d-0001", plain(salma.texts[-1]))
    assert {kind for (kind,) in await rows(house, select(FileRow.kind))} == {"application/pdf"}
    await chooses(house, salma, "/privacy", "M'envoyer une copie")
    name, _kind, content = next(message["file"] for message in salma.heard if message["file"] is not None)
    assert name == "mouwakib.json"
    assert len(json.loads(content)["applications"]) == 1


async def test_an_eastern_digit_picks_a_line_too(lite: House, bridge: Server) -> None:
    salma = bridge.person("سلمى")
    await chooses(lite, salma, "سلام")
    salma.says("٢")
    assert "Bienvenue" in await salma.reads() or "bienvenue" in salma.texts[-1], "the second line is French"


async def test_words_that_always_work_stand_below_the_numbers(lite: House, bridge: Server) -> None:
    salma = bridge.person("Salma")
    await enter(lite, salma)
    await chooses(lite, salma, "/eligibility", "1")
    assert plain(salma.texts[-1]).endswith("Retour")
    assert await chooses(lite, salma, "Retour") != salma.texts[-2]


# notices --------------------------------------------------------------------------------------------------------------


async def notice(house: House, person: Person, text: str = "Demain à 10 h : votre séance.") -> None:
    """Something nobody asked for, with its lines."""
    buttons = [{"label": "Je viens", "carries": "/bookings sure 1"}, {"label": "Mes données", "carries": "/privacy"}]
    async with house.served.core.database.transaction() as db:
        id = await people.at(db, person.bridge.name, person.phone)
        assert id is not None
        await outbox.notify(db, id, {"text": text, "language": "fr", "buttons": buttons}, house.clock.now())
    house.served.core.sender.wake()
    assert plain(await person.reads()).endswith("1. Je viens\n2. Mes données")


@pytest.mark.parametrize("words", ["2", "٢", "mes donnees"])
async def test_a_line_of_a_notice_is_answered_by_its_number_or_its_words(
    house: House, bridge: Server, words: str
) -> None:
    salma = bridge.person("Salma")
    await enter(house, salma)
    await notice(house, salma)
    salma.says(words)
    assert "Vos données vous appartiennent" in await salma.reads()


async def test_a_number_after_our_own_question_answers_the_question(lite: House, bridge: Server) -> None:
    salma = bridge.person("Salma")
    await enter(lite, salma)
    await notice(lite, salma)
    await chooses(lite, salma, "/language")
    salma.says("3")
    assert "What would you like to do?" in await salma.reads()


# what a bridge does ---------------------------------------------------------------------------------------------------


async def test_a_message_brought_twice_is_heard_once(lite: House, bridge: Server) -> None:
    salma = bridge.person("Salma")
    first = salma.says("salam")
    await salma.reads()
    bridge.happens(first)
    await bridge.bell.until(lambda: bridge.quiet, "it is taken again")
    await lite.served.core.sender.idle()
    assert (salma.unread, await count(lite, InboxRow)) == (0, 1)


@pytest.mark.parametrize("chat", ["120363025246125486@g.us", "status@broadcast", "120363144038483540@newsletter"])
async def test_groups_and_status_messages_are_none_of_ours(lite: House, bridge: Server, chat: str) -> None:
    salma = bridge.person("Salma")
    salma.says("salam", chat=chat)
    await bridge.bell.until(lambda: bridge.answers == [200], "it is taken and let go")
    assert await count(lite, PersonRow) == 0


async def test_what_the_number_itself_writes_is_not_heard(lite: House, bridge: Server) -> None:
    salma = bridge.person("Salma")
    event = bridge.message(salma, "salam")
    event["payload"]["fromMe" if bridge.name == "waha" else "is_from_me"] = True
    bridge.happens(event)
    await bridge.bell.until(lambda: bridge.answers == [200], "it is taken and let go")
    assert await count(lite, PersonRow) == 0


async def test_only_signed_webhooks_are_read(lite: House, bridge: Server) -> None:
    raw = json.dumps(bridge.message(bridge.person("Salma"), "salam")).encode()
    good = bridge.signature(raw)
    wrong: list[tuple[bytes, dict[str, str]]] = [
        (raw, {}),
        (raw + b" ", good),
        (raw, {name: value[:-1] for name, value in good.items()}),
        (raw, {name: value[:-1] + ("0" if value[-1] != "0" else "1") for name, value in good.items()}),
    ]
    assert [await bridge.post(body, headers) for body, headers in wrong] == [401] * 4
    assert await count(lite, PersonRow) == 0
    assert await bridge.post(raw, good) == 200


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[1]", b"{}", b'{"event": "message", "session": "oujda", "payload": {"from": 7}}']
)
async def test_a_signed_webhook_that_is_none_does_no_harm(lite: House, bridge: Server, raw: bytes) -> None:
    assert await bridge.post(raw) == 200
    assert await count(lite, PersonRow) == 0


async def test_ticks_move_a_letter_forward_only(lite: House, bridge: Server) -> None:
    salma = bridge.person("Salma")
    await chooses(lite, salma, "salam")
    await lite.served.core.sender.idle()
    for state in (3, 2):
        salma.ticks(salma.heard[0], state)
        await bridge.bell.until(lambda: bridge.quiet, "the tick is taken")
    assert await rows(lite, select(OutboxRow.state)) == [("read",)]


async def test_a_tick_that_comes_before_the_answer_to_the_call_is_not_undone(
    over_waha: House, waha: WahaServer
) -> None:
    salma = waha.person("Salma")
    await chooses(over_waha, salma, "salam")
    salma.ticks(salma.heard[0], 2)
    await waha.bell.until(lambda: waha.quiet, "the tick is taken")
    await over_waha.served.core.sender.idle()
    assert await rows(over_waha, select(OutboxRow.state)) == [("delivered",)]


async def test_a_tick_for_a_message_typed_on_the_phone_itself_changes_nothing(lite: House, bridge: Server) -> None:
    salma = bridge.person("Salma")
    await chooses(lite, salma, "salam")
    await lite.served.core.sender.idle()
    salma.ticks({"id": "3EB0FFFFFFFF"}, 3)
    await bridge.bell.until(lambda: bridge.quiet, "the tick is taken")
    assert await rows(lite, select(OutboxRow.state)) == [("sent",)]


async def test_a_hidden_number_is_written_to_where_it_is_known(house: House, bridge: Server) -> None:
    salma = bridge.person("Salma", hides=True)
    await chooses(house, salma, "salam", "Français")
    address = salma.phone if bridge.name == "waha" else salma.lid
    assert await rows(house, select(AddressRow.address, AddressRow.user_id)) == [(address, salma.lid)]


async def test_somebody_hidden_stays_the_same_person_when_the_number_appears(house: House, bridge: Server) -> None:
    if isinstance(bridge, WahaServer):
        bridge.unhides = False
    salma = bridge.person("Salma", hides=True)
    await enter(house, salma)
    salma.hides = False
    if isinstance(bridge, WahaServer):  # GOWA tells both by itself
        bridge.unhides = True
        salma.hides = True
    await chooses(house, salma, "/privacy")
    assert await rows(house, select(AddressRow.address, AddressRow.user_id)) == [(salma.phone, salma.lid)]
    assert await count(house, PersonRow) == 1


async def test_another_session_of_the_same_server_is_not_ours(over_waha: House, waha: WahaServer) -> None:
    event = waha.message(waha.person("Salma"), "salam") | {"session": "nador"}
    waha.happens(event)
    await waha.bell.until(lambda: waha.answers == [200], "it is taken and let go")
    assert await count(over_waha, PersonRow) == 0


async def test_a_document_is_fetched_from_the_bridge_alone(over_waha: House, waha: WahaServer) -> None:
    salma = waha.person("Salma")
    await enter(over_waha, salma)
    for url in (
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/x.pdf",
        None,
        f"{waha.url}/api/files/../sessions",
    ):
        event = waha.message(salma, "", file=("cv.pdf", "application/pdf", PDF))
        event["payload"]["media"]["url"] = url
        waha.happens(event)
        assert "réponse écrite" in await salma.reads()
    assert not [path for path in waha.looked if "files" in path or ".." in path]
    assert await count(over_waha, FileRow) == 0


async def test_a_reply_to_our_message_says_to_which(lite: House, bridge: Server) -> None:
    salma, staff = bridge.person("Salma"), bridge.person("Karim")
    await enter(lite, salma)
    await enter(lite, staff)
    async with lite.served.core.database.transaction() as db:
        known = await people.at(db, bridge.name, staff.phone)
        assert known is not None
        await people.grant(db, known, "staff", lite.clock.now())
    await chooses(lite, salma, "/human", "Où êtes-vous ?")
    assert "Où êtes-vous ?" in await staff.reads()
    await lite.served.core.sender.idle()
    staff.says("À Oujda.", reply_to=staff.heard[-1]["id"])
    await bridge.bell.until(lambda: any("À Oujda." in text for text in salma.texts), "the answer reaches her")


# sessions, pace, troubles ---------------------------------------------------------------------------------------------


async def test_a_lost_session_is_said_on_health_and_by_the_doctor_and_nothing_is_lost(
    lite: House, bridge: Server
) -> None:
    salma, channel = bridge.person("Salma"), lite.served.bridges[0]
    bridge.state = "SCAN_QR_CODE" if bridge.name == "waha" else "LOGGED_OUT"
    await channel.refresh()
    async with httpx2.AsyncClient() as client:
        health = (await client.get(f"{lite.url}/health")).json()
    assert health["sessions"] == {bridge.name: bridge.state}
    assert health["warnings"] == [f"{bridge.name}: session {bridge.state}"]
    said: list[str] = []
    assert not await examine(lite.settings, said.append)
    assert any(
        line.startswith(f"BAD  MOUWAKIB_{bridge.name.upper()}_URL: reached, session {bridge.state}") for line in said
    )
    salma.says("salam")
    await bridge.bell.until(lambda: bridge.quiet, "it is taken")
    await lite.served.core.sender.idle()
    assert await rows(lite, select(OutboxRow.state)) == [("queued",)]
    bridge.state = "WORKING"
    await channel.refresh()
    lite.clock.by += timedelta(minutes=2)
    lite.served.core.sender.wake()
    assert "Choisissez" in await salma.reads()


async def test_the_team_is_told_once_a_day_that_the_number_is_disconnected(over_waha: House, waha: WahaServer) -> None:
    async with over_waha.served.core.database.transaction() as db:
        staff = await people.add(db, "web", "a" * 40, over_waha.clock.now())
        await people.grant(db, staff, "staff", over_waha.clock.now())
    for state in ("SCAN_QR_CODE", "STARTING", "FAILED"):
        waha.becomes(state)
        await waha.bell.until(lambda: waha.quiet, "it is taken")
    texts = [
        body["text"] for (body,) in await rows(over_waha, select(OutboxRow.body).where(OutboxRow.person_id == staff))
    ]
    assert len(texts) == 1
    assert "SCAN_QR_CODE" in texts[0]


async def test_nobody_who_is_silent_is_written_to_without_pause(over_waha: House, waha: WahaServer) -> None:
    founders = [waha.person(f"F{n}") for n in range(3)]
    for one in founders:
        await enter(over_waha, one)
    over_waha.clock.by += timedelta(days=2)
    async with over_waha.served.core.database.transaction() as db:
        for one in founders:
            id = await people.at(db, "waha", one.phone)
            assert id is not None
            await outbox.notify(db, id, {"text": "Une nouvelle.", "language": "fr"}, over_waha.clock.now())
    sender = over_waha.served.core.sender
    sender.wake()
    await waha.bell.until(lambda: sum(one.unread for one in founders) == 1, "one goes at once")
    await sender.idle()
    waits = await rows(
        over_waha, select(OutboxRow.not_before).where(OutboxRow.state == "queued").order_by(OutboxRow.not_before)
    )
    gaps = [(row.not_before - over_waha.clock.now()).total_seconds() for row in waits]
    assert len(gaps) == 2
    assert all(25 < gap < 150 for gap in gaps), gaps


async def test_announcements_do_not_go_over_a_bridge(over_waha: House, waha: WahaServer) -> None:
    salma = waha.person("Salma")
    await enter(over_waha, salma)
    outcome = await over_waha.served.bridges[0].send(
        salma.phone, {"text": "Portes ouvertes", "language": "fr", "lane": outbox.ANNOUNCEMENT, "mark": "9.1.1"}
    )
    assert type(outcome).__name__ == "Never"
    assert salma.unread == 0


TROUBLES: list[tuple[str, Answer, str, str]] = [
    ("waha", told({"message": "no"}, 401), "Later", "key refused"),
    ("waha", told({"error": "Session not found"}, 404), "Later", "no such session"),
    ("waha", told({"error": "Session status is not as expected"}, 422), "Later", "session is not working"),
    (
        "waha",
        told({"exception": {"message": "2 UNKNOWN: server returned error 463"}}, 500),
        "Later",
        "WhatsApp restricts this number (463)",
    ),
    ("waha", told({"message": "boom"}, 500), "Later", "500"),
    ("waha", Answer(504, b"<html>"), "Doubt", "504"),
    ("waha", told({"message": "bad"}, 400), "Never", "400"),
    ("waha", Answer(201, b'{"id": '), "Doubt", "unreadable answer"),
    ("gowa", told({"code": "X", "message": "phone is not on whatsapp"}, 400), "Gone", "not on WhatsApp"),
    ("gowa", told({"code": "X", "message": "you are not logged in"}, 500), "Later", "session is not working"),
    ("gowa", told({"code": "SUCCESS"}, 200), "Doubt", "unreadable answer"),
]


@pytest.mark.parametrize(("name", "answer", "outcome", "reason"), TROUBLES, ids=[f"{t[0]}-{t[3]}" for t in TROUBLES])
async def test_each_trouble_of_a_bridge_has_its_outcome(
    sqlite_url: str, tmp_path: Path, name: str, answer: Answer, outcome: str, reason: str
) -> None:
    async with (
        WahaServer() if name == "waha" else GowaServer() as server,
        served(sqlite_url, tmp_path, server) as house,
    ):
        server.faults.append(answer)
        found = await house.served.bridges[0].send(server.person("Salma").phone, {"text": "Bonjour", "language": "fr"})
        assert (type(found).__name__, getattr(found, "reason", "")) == (outcome, reason)
