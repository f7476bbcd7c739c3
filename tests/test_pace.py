"""Somebody who floods is told so once, politely, loses nothing they gave before, and slows nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flood import BURST, MOST, NOTICE_S, Pace
from tests.chat import Chat

SALMA, AMINA = ("web", "salma"), ("web", "amina")


def test_twenty_at_once_pass_and_then_one_a_second() -> None:
    pace = Pace()
    assert [pace.allows(SALMA, 100.0) for _n in range(25)] == [True] * 20 + [False] * 5
    assert not pace.allows(SALMA, 100.9)
    assert pace.allows(SALMA, 101.9)
    assert pace.allows(SALMA, 100.0 + 2 * BURST)


def test_one_person_takes_nothing_from_another() -> None:
    pace = Pace()
    while pace.allows(SALMA, 100.0):
        pass
    assert pace.allows(AMINA, 100.0)


def test_they_are_told_once_a_minute_in_their_language() -> None:
    pace = Pace()
    pace.speaks(SALMA, "ar")
    assert [pace.notice(SALMA, 100.0 + n) for n in range(3)] == ["ar", "", ""]
    assert pace.notice(SALMA, 100.0 + NOTICE_S) == "ar"


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    pace = Pace()
    assert pace.allows(SALMA, 100.0)
    assert pace.allows(SALMA, 10.0)


def test_no_more_people_are_remembered_than_there_is_room_for() -> None:
    pace = Pace()
    for n in range(MOST + 10):
        pace.allows(("web", str(n)), 100.0)
    assert len(pace._seen) == MOST
    assert ("web", "0") not in pace._seen


@settings(max_examples=60)
@given(st.lists(st.floats(0, 5), max_size=200))
def test_never_more_than_the_burst_and_one_a_second(waits: list[float]) -> None:
    pace, now, passed = Pace(), 0.0, 0
    for wait in waits:
        now += wait
        passed += pace.allows(SALMA, now)
    assert passed <= BURST + now + 1


async def test_a_flood_in_the_chat_gets_one_notice_and_the_talk_goes_on_after_it(chat: Chat) -> None:
    for line in ("bonjour", "Français", "J'accepte", "/eligibility"):
        await chat.say(line)
    first = chat.incoming(text="projet")
    before = len(chat.paper.sent)
    await asyncio.gather(*(chat.core.turns.take(replace(first, id=f"flood-{n}", text="?")) for n in range(60)))
    await chat.settle()
    notices = [part["text"] for _address, part in chat.paper.sent[before:] if "plus vite" in part["text"]]
    assert len(notices) == 1, notices
    chat.clock.pass_(minutes=2)
    (said,) = await chat.say("Projet, sans société")
    assert "Dans quel domaine" in said["text"], "the question they were at is still the one they answer"
