"""Whole talks on a WhatsApp of our own, on both databases: journeys, storms, the 24-hour window, people without a number."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select, text

from bot.housekeeping import housekeeping
from handlers.announcements import words as announcing
from handlers.catalogue import catalogue
from storage import announcements, held, outbox, people, privacy
from storage.audiences import Audience
from storage.tables import AddressRow, ApplicationRow, BookingRow, InboxRow, OutboxRow, PersonRow
from tests import coaching
from tests.chat import plain
from tests.house import PDF, House
from tests.whatsapp import NUMBER, SECRET, TOKEN, VERIFY, Person, WhatsApp, dropped, fails
from tests.wire import Answer, HttpServer, Request

SCRIPTS = Path(__file__).parent / "transcripts"


@pytest.fixture
async def whatsapp() -> AsyncIterator[WhatsApp]:
    async with WhatsApp() as found:
        yield found


@asynccontextmanager
async def served(
    url: str, folder: Path, whatsapp: WhatsApp, *, approved: bool = True, **more: Any
) -> AsyncIterator[House]:
    """The bot, known to this WhatsApp; its clock is everybody's."""
    keys = {
        "whatsapp_token": TOKEN,
        "whatsapp_phone_id": NUMBER,
        "whatsapp_app_secret": SECRET,
        "whatsapp_verify_token": VERIFY,
    }
    house = House(url, folder, whatsapp_api=whatsapp.url, **keys, **more)
    whatsapp.now = house.clock.now
    await house.start()
    if approved:
        for one in catalogue(house.served.core.languages, house.served.core.programme):
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


def later(house: House, **by: float) -> None:
    house.clock.by += timedelta(**by)


async def row(house: House, query: Any) -> Any:
    async with house.served.core.database.reading() as db:
        return (await db.execute(query)).first()


async def rows(house: House, query: Any) -> Any:
    async with house.served.core.database.reading() as db:
        return (await db.execute(query)).all()


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
        if words.startswith("[") and words[1:-1] in [
            *person.labels,
            *(d for m in person.heard for d in m["details"].values()),
        ]:
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


async def test_a_photo_of_a_document_is_taken_and_only_from_meta(lite: House, whatsapp: WhatsApp) -> None:
    from PIL import Image

    buffer = BytesIO()
    Image.new("RGB", (40, 40), "white").save(buffer, "JPEG")
    salma = whatsapp.person("Salma")
    await play(
        lite, salma, (SCRIPTS / "application/project_holder.fr.txt").read_text("utf-8").partition("\n> {cv.pdf}")[0]
    )
    salma.sends_photo(buffer.getvalue())
    assert "photo.jpg" in plain(await salma.reads())
    assert [mark for mark in whatsapp.read if "typing_indicator" in mark], (
        "a document takes a while: it shows that we write"
    )


async def test_a_session_is_booked_moved_and_reminded_of_by_its_template_outside_the_window(
    house: House, whatsapp: WhatsApp
) -> None:
    core, founder = house.served.core, whatsapp.person("Youssef")
    day = house.clock.now().weekday()
    async with core.database.transaction() as db:
        await coaching.coach(
            db, "salma", house.clock.now(), hours=[((day + ahead) % 7, 540, 720) for ahead in (3, 4, 5)]
        )
    await enter(founder)
    for words in ("/book", "1", "1", "passer"):
        founder.says(words)
        said = await founder.reads()
    assert "confirmée" in said
    assert founder.heard[-1]["file"], "with an entry for the calendar"
    await founder.reads()
    founder.says("/bookings")
    await founder.reads()
    founder.presses("Déplacer")
    await founder.reads()
    founder.says("2")
    await founder.reads()
    if "confirm" in plain(founder.texts[-1]).lower() and "Oui" in " ".join(founder.labels[:3]):
        founder.presses(founder.labels[0])
        await founder.reads()
    due = (await coaching.planned(core.database))["day"][1]
    house.clock.by += due - house.clock.now() + timedelta(seconds=1)
    heard = len(founder.heard)
    await core.reminders.remind()
    await whatsapp.bell.until(lambda: len(founder.heard) > heard, "the reminder comes")
    reminder = founder.heard[-1]
    assert reminder["type"] == "template"
    assert "a lieu demain" in reminder["words"] or "Petit rappel" in reminder["words"]
    founder._seen = len(founder.heard)
    founder.presses("Je confirme")
    assert "noté" in plain(await founder.reads()).lower()
    assert founder.heard[-1]["type"] != "template", "they wrote: words are free again"
    assert await count(house, select(func.count()).select_from(BookingRow).where(BookingRow.sure)) == 1
    assert not [call for call in whatsapp.messages if call.code], "nothing plain was tried after the window"


# the window ---------------------------------------------------------------------------------------------------------


async def tell(house: House, founder: Person, words: str, **more: Any) -> int:
    """A message nobody asked for, such as the team's answer; its number in the outbox."""
    async with house.served.core.database.transaction() as db:
        id = await people.at(db, "whatsapp", founder.phone) or await people.at(db, "whatsapp", founder.user)
        assert id is not None
        await outbox.notify(db, id, {"text": words, "language": "fr", **more}, house.clock.now())
        found = await db.scalar(select(func.max(OutboxRow.id)))
    house.served.core.sender.wake()
    return int(found or 0)


async def test_an_answer_of_the_team_is_announced_once_and_comes_when_the_founder_writes(
    house: House, whatsapp: WhatsApp
) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    later(house, hours=25)
    await tell(house, salma, "Votre dossier est complet.")
    assert await salma.reads() == "Un message vous attend ici. Appuyez sur le bouton pour le lire."
    await tell(house, salma, "Et bravo !")
    while await count(house, select(func.count()).where(OutboxRow.reason == held.HELD)) < 2:
        await house.served.core.sender.idle()
    salma.presses("Le lire")
    assert [await salma.reads(), await salma.reads()] == ["Votre dossier est complet.", "Et bravo !"]
    await whatsapp.quiet()
    assert salma.unread == 0, "one announcement for both, and no other answer to the button"
    later(house, minutes=1)
    salma.presses("Le lire")
    assert "Que souhaitez-vous" in await salma.reads(), "pressed again it says where we are"


async def test_somebody_who_never_wrote_is_told_once_a_day_that_something_waits(
    lite: House, whatsapp: WhatsApp
) -> None:
    salma = whatsapp.person("Salma")
    async with lite.served.core.database.transaction() as db:
        await people.add(db, "whatsapp", salma.phone, lite.clock.now())
    await tell(lite, salma, "Bienvenue dans l'équipe.")
    assert "Un message vous attend" in await salma.reads()
    await tell(lite, salma, "Voici vos accès.")
    await lite.served.core.sender.idle()
    assert salma.unread == 0
    later(lite, days=1)
    await tell(lite, salma, "Un dossier vous attend.")
    assert "Un message vous attend" in await salma.reads()


async def test_a_window_that_closes_between_queue_and_send_lets_nothing_plain_out(
    lite: House, whatsapp: WhatsApp
) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    lite.clock.by += timedelta(hours=23, minutes=54)
    await tell(lite, salma, "à temps")
    assert await salma.reads() == "à temps"
    later(lite, minutes=2)
    await tell(lite, salma, "trop tard")
    assert "Un message vous attend" in await salma.reads(), "five minutes before the end it is as if it were over"


@pytest.mark.parametrize("late", [False, True], ids=["in the answer", "in a status"])
async def test_a_window_that_meta_closes_earlier_than_we_think_costs_one_template(
    lite: House, whatsapp: WhatsApp, late: bool
) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    await whatsapp.quiet()
    whatsapp.tells_late = late
    salma.window = lite.clock.now() - timedelta(hours=1)
    id = await tell(lite, salma, "Un mot de l'équipe.")
    assert "Un message vous attend" in await salma.reads()
    salma.presses("Le lire")
    await whatsapp.bell.until(lambda: "Un mot de l'équipe." in salma.texts)
    await whatsapp.quiet()
    assert (await row(lite, select(OutboxRow.state).where(OutboxRow.id == id))).state in ("sent", "delivered")


async def test_an_announcement_outside_the_window_comes_by_its_marketing_template_and_inside_it_in_full(
    lite: House, whatsapp: WhatsApp
) -> None:
    core = lite.served.core
    assert core.programme.announcements is not None
    salma, aya = whatsapp.person("Salma"), whatsapp.person("Aya")
    for one in (salma, aya):
        await enter(one)
        one.says("annonces")
        await one.reads()
    later(lite, hours=30)
    aya.says("bonjour")
    await aya.reads()
    frame = core.programme.say(core.programme.announcements.frame)
    made = announcing.bodies(
        core.languages, {"fr": ("Portes ouvertes", "Samedi\nà 10 h.")}, {}, None, None, "more", frame
    )
    async with core.database.transaction() as db:
        now = core.clock.now()
        id = await announcements.add(db, 0, "events", made, Audience(), 2, now, "scheduled", now)
        await announcements.plan(db, id, now, bridged=())
    await core.announcements.work("whatsapp", [id])
    assert "Annonce de Technopark Oujda : Portes ouvertes. En bref : Samedi à 10 h." in plain(await salma.reads())
    assert salma.heard[-1]["type"] == "template"
    assert plain(await aya.reads()).startswith("📣 Portes ouvertes\n\nSamedi\nà 10 h.")


async def test_without_an_approved_template_a_notice_waits_and_health_names_what_lacks(
    sqlite_url: str, tmp_path: Path, whatsapp: WhatsApp
) -> None:
    async with served(sqlite_url, tmp_path, whatsapp, approved=False) as house:
        salma = whatsapp.person("Salma")
        await enter(salma)
        later(house, hours=30)
        id = await tell(house, salma, "Votre dossier est complet.")
        async with httpx2.AsyncClient() as client:
            health = (await client.get(house.url + "/health")).json()
        assert health["ok"], "it is no reason to start anew"
        assert any("there_is_a_message_for" in warning and "missing" in warning for warning in health["warnings"])
        await house.served.core.sender.idle()
        assert salma.unread == 0
        salma.says("bonjour")
        assert "Votre dossier est complet." in {await salma.reads(), await salma.reads()}
        await whatsapp.quiet()
        assert (await row(house, select(OutboxRow.state).where(OutboxRow.id == id))).state == "delivered"


async def test_a_template_that_meta_pauses_is_used_no_more_and_the_team_hears_of_it(
    lite: House, whatsapp: WhatsApp
) -> None:
    channel, salma, staff = lite.served.whatsapp, whatsapp.person("Salma"), whatsapp.person("Karim")
    assert channel is not None
    await enter(salma)
    await enter(staff)
    async with lite.served.core.database.transaction() as db:
        await people.grant(db, await people.at(db, "whatsapp", staff.phone) or 0, "staff", lite.clock.now())
    name = "we_missed_you_at_your"
    paused = next(
        one
        for one in catalogue(lite.served.core.languages, lite.served.core.programme)
        if one.name.startswith(name) and one.language == "fr"
    )
    whatsapp.decide(paused.name, "fr", "PAUSED")
    assert paused.name in plain(await staff.reads())
    assert [trouble for trouble in channel.troubles if trouble == f"template {paused.name} (fr): paused"]
    later(lite, hours=25)
    await tell(
        lite,
        salma,
        "Vous nous avez manqué.",
        template={"name": paused.name, "values": {"day": "lundi"}, "carries": ["/book"]},
    )
    assert "Un message vous attend" in await salma.reads(), "the general one stands in"


async def test_a_held_reminder_of_what_is_over_is_not_said_any_more(house: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    later(house, hours=30)
    until = (house.clock.now() + timedelta(hours=3)).isoformat()
    id = await tell(house, salma, "Votre séance est demain.", until=until)
    await salma.reads()
    later(house, hours=4)
    salma.presses("Le lire")
    assert "Que souhaitez-vous" in await salma.reads(), "there is nothing to read any more: it says where we are"
    kept = await row(house, select(OutboxRow.state, OutboxRow.reason).where(OutboxRow.id == id))
    assert (kept.state, kept.reason) == ("skipped", "too late")


async def test_a_flood_of_notices_to_one_person_keeps_to_the_pair_rate(lite: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    later(lite, minutes=10)
    for n in range(50):
        await tell(lite, salma, f"{n}")
    await whatsapp.bell.until(lambda: len(salma.heard) >= 40)
    await lite.served.core.sender.idle()
    assert not [call for call in whatsapp.messages if call.code == 131056]
    kept = OutboxRow.state.in_(("queued", "sending", "sent", "delivered", "read"))
    assert await count(lite, select(func.count()).select_from(OutboxRow).where(kept)) == 50 + 3, (
        "the rest waits, and nothing is lost"
    )
    assert await count(lite, select(func.count()).select_from(OutboxRow).where(OutboxRow.state == "queued")) > 0


async def test_a_message_overtakes_none_that_came_before_it_among_others(lite: House, whatsapp: WhatsApp) -> None:
    salma, channel = whatsapp.person("Salma"), lite.served.whatsapp
    assert channel is not None
    await enter(salma)
    await whatsapp.quiet()

    def posted(*words: str) -> asyncio.Future[int]:
        who = {"from": salma.phone, "from_user_id": salma.user}
        said = [{"id": whatsapp.wamid("IN"), **who, "type": "text", "text": {"body": word}} for word in words]
        value = {"metadata": {"phone_number_id": NUMBER}, "messages": said}
        raw = json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()
        signature = b"sha256=" + hmac.new(SECRET.encode(), raw, "sha256").hexdigest().encode()
        status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        channel.posted(raw, {b"x-hub-signature-256": signature}, lambda code, _body: status.set_result(code))
        return status

    first, second = posted("un", "deux"), posted("trois")
    assert (await first, await second) == (200, 200)
    kept = await rows(
        lite, select(InboxRow.said).where(InboxRow.said.in_(("un", "deux", "trois"))).order_by(text("rowid"))
    )
    assert [said for (said,) in kept] == ["un", "trois", "deux"], "the next of several comes after its first is done"


# what becomes of messages -------------------------------------------------------------------------------------------


async def test_statuses_in_any_order_move_a_letter_forward_only(house: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    await whatsapp.quiet()
    whatsapp.silent = True
    id = await tell(house, salma, "Bonjour")
    await salma.reads()
    message = salma.heard[-1]
    for state in ("read", "sent", "delivered"):
        whatsapp.status(salma, message, state)
    await whatsapp.quiet()
    whatsapp.status(salma, message, "failed", 131000)
    await whatsapp.quiet()
    kept = await row(house, select(OutboxRow.state, OutboxRow.platform_id).where(OutboxRow.id == id))
    assert (kept.state, kept.platform_id) == ("read", message["id"])


async def test_a_message_in_doubt_is_settled_by_its_status(house: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    await whatsapp.quiet()
    whatsapp.silent = True
    whatsapp.fail(dropped(done=True))
    id = await tell(house, salma, "Une seule fois")
    await salma.reads()
    await house.served.core.sender.idle()
    assert (await row(house, select(OutboxRow.state).where(OutboxRow.id == id))).state == "unknown"
    whatsapp.status(salma, salma.heard[-1], "delivered")
    await whatsapp.quiet()
    assert (await row(house, select(OutboxRow.state).where(OutboxRow.id == id))).state == "delivered"
    assert salma.unread == 0


async def test_two_messages_in_a_row_that_cannot_be_delivered_close_the_address_until_they_write(
    lite: House, whatsapp: WhatsApp
) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    await whatsapp.quiet()
    salma.gone = True
    for _ in range(2):
        assert not await closed(lite, salma)
        await tell(lite, salma, "Bonjour")
        await settled(lite, whatsapp)
    assert await closed(lite, salma) == "undeliverable twice"
    salma.gone = False
    salma.says("bonjour")
    await salma.reads()
    assert not await closed(lite, salma)


async def settled(house: House, whatsapp: WhatsApp) -> None:
    """Return when every letter was sent, and its status heard."""
    under_way = select(func.count()).select_from(OutboxRow).where(OutboxRow.state.in_(("queued", "sending", "sent")))
    while await count(house, under_way):
        await house.served.core.sender.idle()
        await whatsapp.quiet()


async def closed(house: House, person: Person) -> str:
    return str((await row(house, select(AddressRow.gone).where(AddressRow.address == person.phone))).gone)


async def test_a_passing_fault_is_tried_again_and_a_refused_token_stops_nothing_for_good(
    lite: House, whatsapp: WhatsApp
) -> None:
    channel, salma = lite.served.whatsapp, whatsapp.person("Salma")
    assert channel is not None
    whatsapp.fail(fails(131000, 500))
    salma.says("salam")
    later(lite, seconds=30)
    assert "langue" in await salma.reads()
    whatsapp.fail(fails(190, 401))
    id = await tell(lite, salma, "Bonjour")
    await whatsapp.bell.until(lambda: whatsapp.messages[-1].status == 401)
    await lite.served.core.sender.idle()
    assert "190" in channel.down, "health says why nothing goes out"
    assert (await row(lite, select(OutboxRow.state).where(OutboxRow.id == id))).state == "queued"


async def test_a_message_in_doubt_of_which_meta_never_tells_goes_once_more(house: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    await whatsapp.quiet()
    whatsapp.fail(dropped(done=False))
    id = await tell(house, salma, "Bonjour")
    while (await row(house, select(OutboxRow.state).where(OutboxRow.id == id))).state != "unknown":
        await house.served.core.sender.idle()
    await house.served.records.settle()
    assert salma.unread == 0, "Meta is given time to tell"
    later(house, minutes=4)
    await house.served.records.settle()
    assert await salma.reads() == "Bonjour"
    await whatsapp.quiet()
    kept = await row(house, select(OutboxRow.state, OutboxRow.resent).where(OutboxRow.id == id))
    assert (kept.state, kept.resent) == ("delivered", True)


async def test_a_late_failure_sends_a_letter_once_more_and_told_twice_not_again(
    house: House, whatsapp: WhatsApp
) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    await whatsapp.quiet()
    whatsapp.silent = True
    await tell(house, salma, "Bonjour")
    await salma.reads()
    first = salma.heard[-1]
    for _ in range(2):
        whatsapp.status(salma, first, "failed", 131000)
        await whatsapp.quiet()
    later(house, seconds=15)
    house.served.core.sender.wake()
    assert await salma.reads() == "Bonjour"
    whatsapp.status(salma, first, "failed", 131000)
    whatsapp.status(salma, salma.heard[-1], "read")
    await whatsapp.quiet()
    await house.served.core.sender.idle()
    assert salma.unread == 0
    assert (await row(house, select(OutboxRow.state).where(OutboxRow.lane == 1))).state == "read"


async def test_a_long_message_whose_last_part_fails_late_is_not_said_from_its_beginning(
    house: House, whatsapp: WhatsApp
) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    await whatsapp.quiet()
    whatsapp.silent = True
    await tell(house, salma, "mot " * 1500)
    await salma.reads()
    end = await salma.reads()
    await house.served.core.sender.idle()
    whatsapp.status(salma, salma.heard[-2], "read")
    whatsapp.status(salma, salma.heard[-1], "failed", 131000)
    await whatsapp.quiet()
    later(house, seconds=15)
    house.served.core.sender.wake()
    assert await salma.reads() == end
    assert salma.unread == 0


# around the talk ----------------------------------------------------------------------------------------------------


async def test_the_team_answers_a_founder_by_replying_to_their_message(house: House, whatsapp: WhatsApp) -> None:
    salma, karim = whatsapp.person("Salma"), whatsapp.person("Karim")
    await enter(salma)
    await enter(karim)
    async with house.served.core.database.transaction() as db:
        await people.grant(db, await people.at(db, "whatsapp", karim.phone) or 0, "staff", house.clock.now())
    salma.says("/human")
    await salma.reads()
    salma.says("Puis-je visiter le bâtiment ?")
    await salma.reads()
    assert "Puis-je visiter" in plain(await karim.reads())
    await whatsapp.quiet()
    later(house, hours=23, minutes=58)
    karim.says("Oui, jeudi à 10 h.", reply_to=karim.heard[-1]["id"])
    assert "Un message vous attend" in await salma.reads(), "a day has passed for her"
    salma.presses("Le lire")
    assert "Oui, jeudi à 10 h." in plain(await salma.reads())


async def test_stop_is_a_word_that_ends_news_at_once(lite: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("سلمى")
    await enter(salma, "العربية", "أوافق")
    for word in ("stop", "توقف", "ARRET"):
        salma.says(word)
        assert await salma.reads()
    assert "news" not in (await row(lite, select(PersonRow.agreed))).agreed


async def test_an_old_row_of_a_list_explains_itself(lite: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    salma.says("/eligibility")
    await salma.reads()
    asked = salma.heard[-1]
    assert asked["form"] == "list"
    later(lite, days=91)
    await housekeeping(lite.served.core)
    salma.chooses(asked, *asked["choices"][0])
    assert "n'est plus valable" in plain(await salma.reads())


async def test_the_own_number_is_shared_with_one_tap(lite: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("Salma")
    await play(
        lite, salma, (SCRIPTS / "application/project_holder.fr.txt").read_text("utf-8").partition("\n> 06 12")[0]
    )
    assert "Partager mon numéro" in salma.labels
    salma.presses("Partager mon numéro")
    await salma.reads()
    async with lite.served.core.database.reading() as db:
        found = await privacy.everything(db, await people.at(db, "whatsapp", salma.phone) or 0)
    assert f"+{salma.phone}" in str(found["unfinished"])


async def test_meta_checks_that_the_address_is_ours(lite: House, whatsapp: WhatsApp) -> None:
    async with httpx2.AsyncClient(base_url=lite.url) as client:
        asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
        right = await client.get("/whatsapp", params=asked)
        assert (right.status_code, right.text) == (200, "1158201444")
        for wrong in ({"hub.verify_token": "guess"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": ""}):
            assert (await client.get("/whatsapp", params=asked | wrong)).status_code == 403
        assert (await client.get("/whatsapp", params=asked | {"hub.challenge": "<script>"})).status_code == 400
        assert (await client.put("/whatsapp")).status_code == 405
        assert (await client.post("/whatsapp", content=b"x" * (5 * 2**20))).status_code == 413


@pytest.mark.parametrize("what", ["elsewhere", "redirected", "altered", "expired", "a strange id"])
async def test_a_document_that_cannot_be_trusted_is_not_taken_and_nobody_else_is_called(
    lite: House, whatsapp: WhatsApp, what: str
) -> None:
    called: list[str] = []

    async def answer(request: Request) -> Answer:
        called.append(request.path)
        return Answer(200, PDF)

    stranger = HttpServer(answer)
    await stranger.start()
    salma = whatsapp.person("Salma")
    await play(
        lite, salma, (SCRIPTS / "application/project_holder.fr.txt").read_text("utf-8").partition("\n> {cv.pdf}")[0]
    )
    if what == "elsewhere":
        whatsapp.elsewhere = stranger.url + "/x"
    elif what == "redirected":
        whatsapp.redirects = stranger.url + "/x"
    elif what == "altered":
        whatsapp.altered = PDF + b" "
    if what == "a strange id":
        salma.sends({"type": "document", "document": {"id": "../700100300?x=", "filename": "cv.pdf"}})
    else:
        salma.sends_document("cv.pdf", PDF)
        if what == "expired":
            whatsapp.media.clear()
    assert "n'ai pas pu récupérer" in plain(await salma.reads())
    assert called == []
    assert stranger.accepted == 0
    await stranger.stop()
