"""One announcement reaches exactly the right people, once, at the platform's pace; it can be paused, stopped, and survives a crash."""

from __future__ import annotations

import asyncio
import csv
import io
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from bot.channels.base import Doubt, Gone, Later, Sent
from bot.delivery.rate import Rate
from handlers.announcements import words
from handlers.channels import BRIDGED
from handlers.talk.words import LANGUAGES, StaffText
from storage import announcements, audiences, outbox, people
from storage.audiences import Audience
from storage.messages import OutboxMessage, post
from storage.tables import AddressRow, ApplicationRow, OutboxRow, PersonRow
from tests.chat import START, Chat, plain

NEWS = ["data", "news"]
BODIES: dict[str, Any] = {code: {"text": f"📣 {code}", "language": code} for code in LANGUAGES}
IT: dict[str, Any] = {
    "eligibility": {"answers": {"sector": ["it", "green"], "stage": "idea", "applicant_type": "company"}}
}
GREEN: dict[str, Any] = {
    "eligibility": {"answers": {"sector": ["green"], "stage": "growth", "applicant_type": "academic"}}
}


async def founder(chat: Chat, name: str, *, channel: str = "paper", gone: str = "", **more: Any) -> int:
    """Somebody who met us; by default they read French and agreed to announcements."""
    row = {
        "created_at": START,
        "seen_at": START,
        "language": "fr",
        "name": name,
        "roles": "founder",
        "agreed": NEWS,
        "profile": {},
    }
    async with chat.core.database.transaction() as db:
        id = int((await db.execute(insert(PersonRow).values(**row | more).returning(PersonRow.id))).scalar_one())
        await db.execute(
            insert(AddressRow).values(person_id=id, channel=channel, address=name, used_at=START, gone=gone)
        )
    return id


async def announce(
    chat: Chat, audience: dict[str, Any] | None = None, bodies: dict[str, Any] | None = None, topic: str = "events"
) -> int:
    """An announcement that is due now."""
    now = chat.clock.now()
    async with chat.core.database.transaction() as db:
        return await announcements.add(
            db, 0, topic, BODIES if bodies is None else bodies, Audience.of(audience or {}), 0, now, "scheduled", now
        )


async def send(chat: Chat, looks: int = 20) -> None:
    """Let the clock go on until nothing is left to send, or nothing may be sent."""
    for _look in range(looks):
        going = await chat.core.announcements.look()
        if not going:
            return
        await chat.core.announcements.work("paper", going)
        await chat.core.sender.idle()


async def state(chat: Chat, id: int) -> str:
    async with chat.core.database.reading() as db:
        row = await announcements.one(db, id)
        assert row is not None
        return row.state


async def states(chat: Chat, id: int) -> Counter[str]:
    async with chat.core.database.reading() as db:
        return Counter({count.reason: count.people for count in await announcements.report(db, id)})


def heard(chat: Chat) -> list[tuple[str, str]]:
    return [(address, part["text"]) for address, part in chat.paper.sent if "📣" in part["text"]]


# who ----------------------------------------------------------------------------------------------------------------


async def test_everybody_who_agreed_reads_it_once_in_their_language(chat: Chat) -> None:
    await founder(chat, "amina", language="ar")
    await founder(chat, "brahim")
    await founder(chat, "carla", language="en")
    await founder(chat, "driss", agreed=["data"])
    await founder(chat, "new", language="")
    id = await announce(chat)
    await send(chat)
    assert sorted(heard(chat)) == [("amina", "📣 ar"), ("brahim", "📣 fr"), ("carla", "📣 en")]
    assert await states(chat, id) == {"sent": 1, "skipped:no consent": 1} | {"sent": 1}
    await send(chat)
    assert len(heard(chat)) == 3


async def test_whoever_is_only_on_a_bridge_is_counted_as_not_reached_and_by_another_channel_they_are(
    chat: Chat,
) -> None:
    await founder(chat, "amina", channel="waha")
    both = await founder(chat, "brahim", channel="gowa")
    async with chat.core.database.transaction() as db:
        await db.execute(
            insert(AddressRow).values(
                person_id=both, channel="paper", address="brahim", used_at=START - timedelta(days=9), gone=""
            )
        )
        counts = await audiences.counted(db, Audience(), "events", list(BODIES), START, bridged=BRIDGED)
    assert [(count.channel, count.reason, count.people) for count in counts] == [
        ("paper", "", 1),
        ("", audiences.BRIDGED, 1),
    ]
    await announce(chat)
    await send(chat)
    assert [address for address, _text in heard(chat)] == ["brahim"]


@pytest.mark.parametrize(
    ("audience", "names"),
    [
        ({}, "it green staff web"),
        ({"sectors": ["it"]}, "it"),
        ({"sectors": ["it", "green"]}, "it green"),
        ({"sectors": ["it"], "languages": ["ar"]}, "it"),
        ({"stages": ["growth"]}, "green"),
        ({"applicants": ["company", "academic"]}, "it green"),
        ({"roles": ["staff"]}, "staff"),
        ({"roles": ["founder"]}, "it green staff web"),
        ({"languages": ["fr"]}, "green staff web"),
        ({"channels": ["web"]}, "web"),
        ({"seen_days": 7}, "it staff"),
        ({"statuses": ["accepted"]}, "it"),
        ({"statuses": ["none"]}, "green staff web"),
        ({"statuses": ["none", "accepted"]}, "it green staff web"),
        ({"statuses": ["waitlisted"]}, ""),
        ({"sectors": ["no-such"]}, ""),
    ],
)
async def test_an_audience_is_everybody_whom_all_its_filters_leave(
    chat: Chat, audience: dict[str, Any], names: str
) -> None:
    old = START - timedelta(days=40)
    it = await founder(chat, "it", profile=IT, language="ar")
    await founder(chat, "green", profile=GREEN, seen_at=old)
    await founder(chat, "staff", roles="founder staff")
    await founder(chat, "web", channel="web", seen_at=old)
    async with chat.core.database.transaction() as db:
        row = {
            "person_id": it,
            "programme": "x",
            "reference": "X-1",
            "applicant": "company",
            "status": "accepted",
            "answers": {},
        }
        await db.execute(
            insert(ApplicationRow).values(**row, submitted_at=START, changed_at=START, promised_on=START.date())
        )
        counted = await audiences.counted(db, Audience.of(audience), "events", LANGUAGES, START, bridged=BRIDGED)
    assert words.reached(counted) == len(names.split())
    id = await announce(chat, audience)
    await chat.core.announcements.look()
    async with chat.core.database.reading() as db:
        told = set(
            await db.scalars(
                select(OutboxRow.address).where(OutboxRow.broadcast_id == id, OutboxRow.state == "planned")
            )
        )
    assert told == set(names.split())


async def test_the_numbers_of_the_send_screen_are_those_that_are_planned(chat: Chat) -> None:
    await founder(chat, "ok")
    await founder(chat, "refused", agreed=["data"])
    await founder(chat, "muted", agreed=[*NEWS, "not:events"])
    await founder(chat, "other", agreed=[*NEWS, "not:calls"])
    await founder(chat, "blocked", gone="blocked")
    await founder(chat, "english", language="en")
    bodies = {"fr": BODIES["fr"], "ar": BODIES["ar"]}
    async with chat.core.database.reading() as db:
        counted = {
            (c.reason, c.language): c.people
            for c in await audiences.counted(db, Audience(), "events", list(bodies), START, bridged=BRIDGED)
        }
    assert counted == {
        ("", "fr"): 2,
        ("no consent", "fr"): 1,
        ("topic stopped", "fr"): 1,
        ("unreachable", "fr"): 1,
        ("no text", "en"): 1,
    }
    id = await announce(chat, bodies=bodies)
    await chat.core.announcements.look()
    async with chat.core.database.reading() as db:
        planned = {(c.reason, c.language): c.people for c in await announcements.report(db, id)}
    assert planned == {
        ("planned", "fr"): 2,
        ("skipped:no consent", "fr"): 1,
        ("skipped:topic stopped", "fr"): 1,
        ("skipped:unreachable", "fr"): 1,
        ("skipped:no text", "en"): 1,
    }


async def test_who_comes_after_it_was_planned_is_not_among_them(chat: Chat) -> None:
    await founder(chat, "early")
    id = await announce(chat)
    await chat.core.announcements.look()
    await founder(chat, "late")
    await send(chat)
    assert [address for address, _text in heard(chat)] == ["early"]
    assert await states(chat, id) == {"sent": 1}


async def test_a_language_without_words_gets_those_that_were_chosen_for_it_or_none() -> None:
    from bot.settings import HOME
    from handlers.talk.words import read_languages

    languages = read_languages(HOME / "locales")
    frame = StaffText(dict.fromkeys(LANGUAGES, "📣 Ici : {title}. En bref : {body}. STOP."))
    made = words.bodies(
        languages, {"fr": ("Titre", "Un\ntexte.")}, {"ar": "fr"}, None, "https://example.ma", "join", frame
    )
    assert set(made) == {"fr", "ar"}
    assert made["ar"] == made["fr"]
    assert made["fr"]["buttons"][0] == {"label": "S'inscrire", "carries": "", "link": "https://example.ma"}
    assert "STOP" in made["fr"]["text"]
    assert made["fr"]["template"]["values"] == {"title": "Titre", "body": "Un texte. https://example.ma"}, (
        "a template takes no new lines"
    )


# when, and how fast -------------------------------------------------------------------------------------------------


async def test_nothing_goes_out_before_its_time_nor_in_the_quiet_hours(chat: Chat) -> None:
    await founder(chat, "amina")
    now = chat.clock.now()
    async with chat.core.database.transaction() as db:
        await announcements.add(db, 0, "events", BODIES, Audience(), 1, now + timedelta(hours=1), "scheduled", now)
    await send(chat)
    assert heard(chat) == []
    chat.clock.time = START.replace(hour=22)
    await send(chat)
    assert heard(chat) == [], "it is late: people sleep"
    chat.clock.time = START.replace(hour=8, minute=1) + timedelta(days=1)
    await send(chat)
    assert len(heard(chat)) == 1


async def test_a_pause_holds_what_is_left_and_resuming_sends_it_once(chat: Chat) -> None:
    for n in range(6):
        await founder(chat, f"f{n}")
    id = await announce(chat)
    (going,) = await chat.core.announcements.look()
    taken = await chat.core.sender.take(going, "paper", 2)
    for one in taken:
        chat.core.sender.announce(*one)
    async with chat.core.database.transaction() as db:
        assert await announcements.move(db, id, 1, ["sending"], "paused", chat.clock.now())
    assert await chat.core.sender.take(going, "paper", 2) == [], "not even one more"
    await send(chat)
    await chat.core.sender.idle()
    assert len(heard(chat)) == 2
    async with chat.core.database.transaction() as db:
        assert await announcements.move(db, id, 1, ["paused"], "sending", chat.clock.now())
    await send(chat)
    assert Counter(address for address, _text in heard(chat)) == Counter(f"f{n}" for n in range(6))
    assert await states(chat, id) == {"sent": 6}


async def test_a_stop_is_for_good(chat: Chat) -> None:
    for n in range(4):
        await founder(chat, f"f{n}")
    id = await announce(chat)
    (going,) = await chat.core.announcements.look()
    for one in await chat.core.sender.take(going, "paper", 1):
        chat.core.sender.announce(*one)
    async with chat.core.database.transaction() as db:
        assert await announcements.move(db, id, 1, ["sending"], "stopped", chat.clock.now())
        assert not await announcements.move(db, id, 1, ["paused"], "sending", chat.clock.now())
    await send(chat)
    await chat.core.sender.idle()
    assert await states(chat, id) == {"sent": 1, "skipped:stopped": 3}


async def test_who_writes_stop_meanwhile_is_left_out(chat: Chat) -> None:
    await chat.say("bonjour")
    await chat.press("Français")
    await chat.press("J'accepte")
    await chat.say("annonces")
    id = await announce(chat)
    await chat.core.announcements.look()
    await chat.say("stop")
    await send(chat)
    assert heard(chat) == []
    assert await states(chat, id) == {"skipped:no consent": 1}


@pytest.mark.parametrize(
    ("outcome", "after"),
    [
        (Sent("x"), {"sent": 1}),
        (Gone("blocked"), {"failed:blocked": 1}),
        (Doubt("broken"), {"unknown:broken": 1}),
        (Later(3, "429", account=True), {"planned:429": 1}),
    ],
)
async def test_each_outcome_has_its_end(chat: Chat, outcome: Any, after: dict[str, int]) -> None:
    await founder(chat, "amina")
    id = await announce(chat)
    chat.paper.next = [outcome]
    (going,) = await chat.core.announcements.look()
    for one in await chat.core.sender.take(going, "paper", 5):
        chat.core.sender.announce(*one)
    await chat.core.sender.idle()
    assert await states(chat, id) == after


async def test_what_must_wait_waits_and_goes_out_later_and_answers_do_not_wait_behind_it(chat: Chat) -> None:
    await founder(chat, "amina")
    await announce(chat)
    chat.paper.next = [Later(30, "429", account=True)]
    await send(chat, looks=3)
    assert heard(chat) == []
    assert await chat.say("bonjour", "amina"), "an answer does not wait for an announcement"
    chat.clock.pass_(minutes=2)
    await send(chat)
    assert [address for address, _text in heard(chat)] == ["amina"]


async def test_somebody_who_blocked_us_gets_nothing_of_any_announcement(chat: Chat) -> None:
    await founder(chat, "amina")
    first, second = await announce(chat), await announce(chat)
    await chat.core.announcements.look()
    chat.paper.next = [Gone("blocked")]
    await send(chat)
    assert heard(chat) == []
    assert await states(chat, first) + await states(chat, second) == {"failed:blocked": 1, "skipped:blocked": 1}


async def test_a_dead_process_leaves_unknown_only_what_was_in_flight(chat: Chat) -> None:
    for n in range(8):
        await founder(chat, f"f{n}")
    id = await announce(chat)
    await chat.core.announcements.look()
    dead = chat.core.sender.owner + 1
    async with chat.core.database.transaction() as db:
        assert len(await announcements.claim(db, id, "paper", dead, 3, chat.clock.now())) == 3
    await chat.core.sender.settle(dead, ["paper"], chat.clock.now())
    await send(chat)
    assert len(heard(chat)) == 5
    assert await states(chat, id) == {"sent": 5, "unknown:the process died while sending": 3}


async def test_the_report_says_why_in_the_readers_words_and_so_does_its_file(chat: Chat) -> None:
    await founder(chat, "karim", roles="founder staff", agreed=["data"])
    for name in ("blocked", "doubt", "fine", "odd", "timed-out"):
        await founder(chat, name)
    id = await announce(chat)
    await send(chat)
    kept = {
        "blocked": ("skipped", "blocked"),
        "doubt": ("unknown", outbox.DIED),
        "odd": ("failed", "131008 a parameter is missing"),
        "timed-out": ("unknown", "ReadTimeout"),
    }
    async with chat.core.database.transaction() as db:
        for name, (state, reason) in kept.items():
            await db.execute(
                update(OutboxRow)
                .where(OutboxRow.broadcast_id == id, OutboxRow.address == name)
                .values(state=state, reason=reason)
            )
    (report,) = await chat.say(f"/announcement {id}", "karim")
    for line in (
        "• envoyée : 1 (Français 1)",
        "• non envoyée (nous ont bloqués) : 1 (Français 1)",
        "• on ne sait pas si elle est arrivée (interrompue en route) : 1 (Français 1)",
        "• on ne sait pas si elle est arrivée (connexion interrompue) : 1 (Français 1)",
        "• échec (131008 a parameter is missing) : 1 (Français 1)",
    ):
        assert line in plain(report["text"]).splitlines(), report["text"]
    (file,) = await chat.press("Rapport en fichier", "karim")
    rows = list(csv.reader(io.StringIO(chat.core.store.path(file["file"][0]).read_bytes().decode("utf-8-sig"))))
    assert rows[0] == ["Nom", "Langue", "Canal", "Résultat", "Envoyée le"]
    assert ["doubt", "Français", "paper", "on ne sait pas si elle est arrivée (interrompue en route)"] in [
        row[:4] for row in rows
    ]


async def test_an_announcement_opened_from_the_list_can_be_paused_there(chat: Chat) -> None:
    await founder(chat, "karim", roles="founder staff", agreed=["data"])
    await founder(chat, "amina")
    id = await announce(chat)
    await chat.core.announcements.look()
    await chat.say("/announcements", "karim")
    await chat.say("1", "karim")
    await chat.press("Pause", "karim")
    assert await state(chat, id) == "paused"


async def test_two_processes_take_each_recipient_once(chat: Chat) -> None:
    for n in range(40):
        await founder(chat, f"f{n}")
    id = await announce(chat)
    await chat.core.announcements.look()

    async def take(owner: int) -> list[int]:
        mine: list[int] = []
        while True:
            async with chat.core.database.transaction() as db:
                taken = await announcements.claim(db, id, "paper", owner, 3, chat.clock.now())
            if not taken:
                return mine
            mine += [letter.id for letter, _attempts, _parts in taken]

    taken = [id for mine in await asyncio.gather(*(take(owner) for owner in (1, 2, 3))) for id in mine]
    assert len(taken) == len(set(taken)) == 40


async def test_planned_twice_it_is_planned_once(chat: Chat) -> None:
    for n in range(5):
        await founder(chat, f"f{n}")
    id = await announce(chat)

    async def plan() -> bool:
        async with chat.core.database.transaction() as db:
            return await announcements.plan(db, id, chat.clock.now(), bridged=BRIDGED)

    assert sorted(await asyncio.gather(*(plan() for _ in range(4)))) == [False, False, False, True]
    async with chat.core.database.reading() as db:
        assert await db.scalar(select(func.count()).where(OutboxRow.broadcast_id == id)) == 5


async def test_what_was_taken_and_not_sent_goes_back(chat: Chat) -> None:
    await founder(chat, "amina")
    id = await announce(chat)
    await chat.core.announcements.look()
    taken = await chat.core.sender.take(id, "paper", 5)
    await chat.core.sender.put_back([letter for letter, _attempts, _parts in taken])
    assert await states(chat, id) == {"planned": 1}
    await send(chat)
    assert len(heard(chat)) == 1


async def test_a_letter_of_an_announcement_in_hand_is_never_taken_for_lost(chat: Chat) -> None:
    await founder(chat, "amina")
    id = await announce(chat)
    await chat.core.announcements.look()
    chat.clock.pass_(minutes=5)
    await chat.core.sender.take(id, "paper", 5)
    await chat.core.sender.recover()
    assert await states(chat, id) == {"sending": 1}


async def test_the_author_is_told_once_when_it_is_done(chat: Chat) -> None:
    author = await founder(chat, "karim", roles="founder staff", agreed=["data"])
    await founder(chat, "amina")
    now = chat.clock.now()
    async with chat.core.database.transaction() as db:
        await announcements.add(db, author, "events", BODIES, Audience(), 1, now, "scheduled", now)
    await send(chat)
    await chat.settle()
    done = [part["text"] for address, part in chat.paper.sent if address == "karim"]
    assert len(done) == 1
    assert "terminée" in done[0]


# a second person ----------------------------------------------------------------------------------------------------


async def test_nobody_approves_their_own_and_only_one_approval_counts(chat: Chat) -> None:
    await founder(chat, "amina")
    now = chat.clock.now()
    async with chat.core.database.transaction() as db:
        id = await announcements.add(db, 7, "events", BODIES, Audience(), 500, now, "asked", now)
    await send(chat)
    assert heard(chat) == []
    async with chat.core.database.transaction() as db:
        assert not await announcements.approve(db, id, 7, now)
        assert await announcements.approve(db, id, 8, now)
        assert not await announcements.approve(db, id, 9, now)
    await send(chat)
    assert len(heard(chat)) == 1


async def test_a_reply_to_an_announcement_reaches_the_team(chat: Chat) -> None:
    for name in ("karim", "amina"):
        await chat.say("salam", name)
        await chat.press("Français", name)
        await chat.press("J'accepte", name)
    await chat.say("annonces", "amina")
    async with chat.core.database.transaction() as db:
        await people.grant(db, await people.at(db, "paper", "karim") or 0, "staff", START)
    await announce(chat)
    await send(chat)
    async with chat.core.database.reading() as db:
        named = await db.scalar(
            select(OutboxRow.platform_id).where(OutboxRow.purpose.like("broadcast:%"), OutboxRow.state == "sent")
        )
    before = len(chat.paper.sent)
    await chat.give(chat.incoming("amina", text="Où est-ce ?", reply_to=named), "amina")
    told = {address: part["text"] for address, part in chat.paper.sent[before:]}
    assert "Où est-ce ?" in told["karim"]
    await chat.give(chat.incoming("amina", text="STOP", reply_to=named), "amina")
    async with chat.core.database.reading() as db:
        agreed = await db.scalar(select(PersonRow.agreed).where(PersonRow.name == "Amina"))
    assert "news" not in (agreed or [])


# the pace -----------------------------------------------------------------------------------------------------------


def sent_in(rate: Rate, seconds: float, answers: list[float] | None = None, start: float = 100.0) -> list[float]:
    """When announcements go out in so many seconds, if there is always one to send; `answers` go out beside them."""
    now, times, beside = start, [], sorted(answers or [])
    while now < start + seconds:
        while beside and beside[0] <= now:
            rate.answered(beside.pop(0))
        wait = rate.wait(now)
        if wait > 0:
            now += wait
            continue
        rate.spend(now)
        times.append(now)
        now += 0.0005
    return times


def most_in_a_second(times: list[float]) -> int:
    return max(sum(first <= other < first + 1 for other in times) for first in times)


def test_the_pace_is_used_and_never_passed() -> None:
    times = sent_in(Rate(29), 20)
    assert most_in_a_second(times) <= 30
    assert len(times) >= 0.95 * 30 * 20


@settings(max_examples=40)
@given(st.lists(st.floats(100, 110), max_size=60))
def test_answers_take_their_share_from_the_announcements(answers: list[float]) -> None:
    times = sent_in(Rate(29), 10, answers)
    assert all(sum(first <= other < first + 1 for other in times) <= 30 for first in times)


def test_a_refusal_halves_the_pace_and_quiet_minutes_bring_it_back() -> None:
    rate = Rate(29)
    rate.refused(100.0)
    assert len(sent_in(rate, 10)) == pytest.approx(145, abs=6)
    fast = sent_in(rate, 60, start=100 + 61 * 9)
    assert len(fast) / 60 > 14.5


async def test_a_letter_that_shows_how_another_channel_shows_it_is_fitted_by_that_channel(chat: Chat) -> None:
    class Narrow(type(chat.paper)):  # type: ignore[misc]
        name = "narrow"

        def fit(self, body: dict[str, Any]) -> list[dict[str, Any]]:
            return [{"text": piece} for piece in body["text"].split()]

    chat.core.sender.add(Narrow())
    id = await founder(chat, "karim")
    async with chat.core.database.transaction() as db:
        await post(
            db,
            [
                OutboxMessage(
                    id,
                    "paper",
                    "karim",
                    {"text": "un deux", "language": "fr", "as_on": "narrow"},
                    outbox.NOTICE,
                    "queued",
                )
            ],
            START,
        )
    await chat.settle()
    assert [part["text"] for _address, part in chat.paper.sent] == ["un", "deux"]


async def test_an_old_pause_never_ends_by_itself(chat: Chat) -> None:
    await founder(chat, "amina")
    id = await announce(chat)
    await chat.core.announcements.look()
    async with chat.core.database.transaction() as db:
        await announcements.move(db, id, 1, ["sending"], "paused", chat.clock.now())
        await db.execute(update(OutboxRow).where(OutboxRow.broadcast_id == id).values(state="sent"))
    await chat.restart()
    await send(chat)
    assert await state(chat, id) == "paused"


# what nobody knows ----------------------------------------------------------------------------------------------------


async def test_whoever_may_not_have_got_it_can_be_sent_it_once_more_and_nobody_else(chat: Chat) -> None:
    for line in ("bonjour", "Français", "j'accepte"):
        await chat.say(line, "karim")
    async with chat.core.database.transaction() as db:
        await people.grant(db, await people.at(db, "paper", "karim") or 0, "staff", START)
    for name in ("amina", "brahim", "carla", "driss"):
        await founder(chat, name)
    await founder(chat, "left")
    id = await announce(chat)
    chat.paper.next += [Sent("1"), Doubt("broken"), Doubt("broken"), Sent("2"), Doubt("broken")]
    await send(chat)
    async with chat.core.database.transaction() as db:
        await db.execute(update(PersonRow).where(PersonRow.name == "left").values(agreed=["data"]))
    (said,) = await chat.say(f"/announcement {id}", "karim")
    assert "Renvoyer" in [button["label"] for button in said["buttons"]]
    (said,) = await chat.press("Renvoyer", "karim")
    assert said["text"].translate({0x2068: None, 0x2069: None}).startswith("Pour 2 personnes"), (
        "whoever has left since is not among them"
    )
    await chat.press("Oui, renvoyer", "karim")
    await send(chat)
    assert sorted(address for address, _text in heard(chat)) == ["brahim", "carla"], (
        "the others got it, or want it no more"
    )
    assert (await states(chat, id))["sent"] == 4
    (said,) = await chat.say(f"/announcement {id}", "karim")
    assert "Renvoyer" not in [button["label"] for button in said["buttons"]], "once"


async def test_a_no_sends_nothing_again(chat: Chat) -> None:
    for line in ("bonjour", "Français", "j'accepte"):
        await chat.say(line, "karim")
    async with chat.core.database.transaction() as db:
        await people.grant(db, await people.at(db, "paper", "karim") or 0, "staff", START)
    await founder(chat, "amina")
    id = await announce(chat)
    chat.paper.next.append(Doubt("broken"))
    await send(chat)
    await chat.say(f"/announcement {id} again", "karim")
    await chat.say("non", "karim")
    await send(chat)
    assert heard(chat) == []
    assert (await states(chat, id)) == {"unknown:broken": 1, "skipped:no consent": 1}
