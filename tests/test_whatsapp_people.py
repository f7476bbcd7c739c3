"""Who somebody is on WhatsApp: by number, by user id, by both in either order; and webhooks as Meta really sends them."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from storage.tables import AddressRow, InboxRow, OutboxRow, PersonRow
from tests.chat import plain
from tests.house import House
from tests.test_whatsapp import SCRIPTS, count, enter, later, play, row, rows, served, tell
from tests.whatsapp import NUMBER, Person, WhatsApp

PEOPLE = select(func.count()).select_from(PersonRow)


@pytest.fixture
async def whatsapp() -> AsyncIterator[WhatsApp]:
    async with WhatsApp() as found:
        yield found


@pytest.fixture
async def house(database_url: str, tmp_path: Path, whatsapp: WhatsApp) -> AsyncIterator[House]:
    async with served(database_url, tmp_path, whatsapp) as found:
        yield found


@pytest.fixture
async def lite(sqlite_url: str, tmp_path: Path, whatsapp: WhatsApp) -> AsyncIterator[House]:
    async with served(sqlite_url, tmp_path, whatsapp) as found:
        yield found


async def asked_again(person: Person) -> str:
    """What the bot says to a word it must understand from what went before."""
    person.says("bonjour")
    return plain(await person.reads())


async def test_a_founder_without_a_number_is_served_like_any_other(house: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("Salma", phone=False)
    await play(house, salma, (SCRIPTS / "eligibility/ok.fr.txt").read_text("utf-8"))
    assert {call.said.get("recipient") for call in whatsapp.messages} == {salma.user}
    assert not [call for call in whatsapp.messages if "to" in call.said], "no number is made up for them"
    later(house, hours=30)
    await tell(house, salma, "Bonjour")
    assert "Un message vous attend" in await salma.reads()


@pytest.mark.parametrize("first", ["number", "user id", "both"])
async def test_the_same_person_is_recognised_when_the_other_name_appears(
    house: House, whatsapp: WhatsApp, first: str
) -> None:
    salma = whatsapp.person("Salma", phone=first != "user id", user=first != "number")
    await enter(salma)
    for salma.shows_phone, salma.shows_user in ((True, True), (False, True), (True, False)):
        later(house, minutes=10)
        assert "plaisir" in await asked_again(salma)
    assert await count(house, PEOPLE) == 1
    known = await row(house, select(AddressRow.address, AddressRow.user_id))
    assert (known.address, known.user_id) == (salma.phone, salma.user)


async def test_somebody_known_by_number_and_again_by_id_is_one_person_once_both_are_shown(
    house: House, whatsapp: WhatsApp
) -> None:
    salma = whatsapp.person("Salma")
    salma.shows_user = False
    await enter(salma)
    salma.shows_phone, salma.shows_user = False, True
    salma.says("bonjour")
    await salma.reads()
    assert await count(house, PEOPLE) == 2, "nothing says yet that they are one"
    salma.shows_phone = True
    later(house, minutes=10)
    assert "plaisir" in await asked_again(salma)
    assert await count(house, PEOPLE) == 1
    known = await row(house, select(AddressRow.address, AddressRow.user_id))
    assert (known.address, known.user_id) == (salma.phone, salma.user)


async def test_a_changed_number_is_the_same_founder_and_the_old_one_is_written_to_no_more(
    house: House, whatsapp: WhatsApp
) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    before, heard = salma.phone, len(whatsapp.messages)
    salma.changes_number("212600000999")
    await whatsapp.quiet()
    await tell(house, salma, "Bonjour")
    assert await salma.reads() == "Bonjour"
    later(house, minutes=10)
    assert "plaisir" in await asked_again(salma)
    assert await count(house, PEOPLE) == 1
    assert f"+{before}" not in {call.said["to"] for call in whatsapp.messages[heard:]}
    known = await row(house, select(AddressRow.address, AddressRow.user_id))
    assert (known.address, known.user_id) == (salma.phone, salma.user)


async def test_what_waits_for_a_number_follows_the_person_to_the_new_one(house: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    later(house, hours=30)
    await tell(house, salma, "Votre dossier est complet.")
    await salma.reads()
    salma.changes_number("212600000999")
    await whatsapp.quiet()
    salma.says("bonjour")
    assert "Votre dossier est complet." in {await salma.reads(), await salma.reads()}


async def test_a_new_user_id_alone_changes_nothing_for_the_founder(lite: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("Salma", phone=False)
    await enter(salma)
    before, salma.user = salma.user, "FR.77001122"
    whatsapp.people[salma.user] = whatsapp.people.pop(before)
    system = {"type": "user_changed_user_id", "body": "changed", "user_id": salma.user, "previous_user_id": before}
    whatsapp.change(
        {"messages": [{"id": whatsapp.wamid("SYS"), "timestamp": whatsapp.stamp(), "type": "system", "system": system}]}
    )
    await whatsapp.quiet()
    assert "plaisir" in await asked_again(salma)
    assert await count(lite, PEOPLE) == 1


# batches ------------------------------------------------------------------------------------------------------------


def text(whatsapp: WhatsApp, phone: str, words: str) -> dict[str, Any]:
    said = {
        "id": whatsapp.wamid("B"),
        "from": phone,
        "timestamp": whatsapp.stamp(),
        "type": "text",
        "text": {"body": words},
    }
    return {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}, "messages": [said]}


POISON: list[Any] = [
    None,
    7,
    "a string",
    {},
    {"value": None},
    {"field": "messages", "value": {"messages": "no list"}},
    {
        "field": "messages",
        "value": {
            "messages": [None, 7, {"id": 7}, {"from": "2126"}, {"id": "x", "from": "not a number", "type": "text"}]
        },
    },
    {
        "field": "messages",
        "value": {
            "messages": [{"id": "wamid.P", "from": "212600000001", "type": "text", "text": ["?"], "timestamp": "soon"}]
        },
    },
    {
        "field": "messages",
        "value": {
            "statuses": [None, {"id": []}, {"id": "wamid.Q", "status": {"x": 1}}, {"status": "failed", "errors": "?"}]
        },
    },
    {"field": "messages", "value": {"contacts": 5, "messages": [], "statuses": {}}},
    {"field": "message_template_status_update", "value": {"event": 5}},
    {
        "field": "user_preferences",
        "value": {"user_preferences": [{"category": "marketing_messages", "value": "stop", "wa_id": "-1"}]},
    },
    {
        "field": "messages",
        "value": {"statuses": [{"id": "wamid.\x00", "status": "read"}, {"id": "\ud800", "status": "failed"}]},
    },
    {
        "field": "messages",
        "value": {
            "messages": [{"id": "w\x00", "from": "212600000009", "type": "text", "text": {"body": "\x00\ud800"}}]
        },
    },
    {
        "field": "messages",
        "value": {"statuses": [{"id": "x" * 900, "status": "read", "biz_opaque_callback_data": "9" * 18 + ".1.1"}]},
    },
    {"field": "something_new_of_next_year", "value": {"x": [1, 2, 3]}},
]


@pytest.mark.parametrize("poison", POISON, ids=range(len(POISON)))
async def test_one_poisoned_item_keeps_nothing_of_a_batch_from_being_handled(
    house: House, whatsapp: WhatsApp, poison: Any
) -> None:
    people = [whatsapp.person(name) for name in ("Salma", "Karim", "Aya")]
    for person in people:
        person.window = house.clock.now() + timedelta(hours=24)
    good = [{"field": "messages", "value": text(whatsapp, person.phone, "salam")} for person in people]
    assert await whatsapp.post([good[0], poison, good[1], good[2]]) == 200
    for person in people:
        assert "langue" in await person.reads()


async def test_a_storm_of_batched_doubled_and_shuffled_webhooks_ends_as_if_there_had_been_none(
    house: House, whatsapp: WhatsApp
) -> None:
    whatsapp.stormy = random.Random(7)
    founders = [whatsapp.person(f"Founder{n}", phone=n % 3 != 0) for n in range(8)]
    script = (SCRIPTS / "eligibility/ok.fr.txt").read_text("utf-8")
    ends = await asyncio.gather(*(play(house, founder, script) for founder in founders))
    assert len(set(ends)) == 1
    await whatsapp.quiet()
    assert await count(house, PEOPLE) == len(founders)
    steps = sum(line.startswith("> ") for line in script.splitlines())
    assert [len(founder.heard) for founder in founders] == [len(founders[0].heard)] * len(founders)
    assert await count(house, select(func.count()).select_from(InboxRow)) == steps * len(founders)
    assert {state for (state,) in await rows(house, select(OutboxRow.state))} == {"delivered"}


async def test_a_webhook_that_meta_did_not_sign_leaves_no_trace(lite: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("Salma")
    change = {"field": "messages", "value": text(whatsapp, salma.phone, "salam")}
    right = json.dumps({"entry": [{"changes": [change]}]}).encode()
    for forged in ("", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40, "sha256=é"):
        assert await whatsapp.post([], raw=right, signature=forged.encode().decode("latin-1")) == 401
    assert await whatsapp.post([change], secret="another app's") == 401
    assert await count(lite, select(func.count()).select_from(InboxRow)) == 0


async def test_a_webhook_for_another_number_of_the_account_is_none_of_ours(lite: House, whatsapp: WhatsApp) -> None:
    value = text(whatsapp, whatsapp.person("Salma").phone, "salam")
    value["metadata"] = {"phone_number_id": "111222333"}
    assert await whatsapp.post([{"field": "messages", "value": value}]) == 200
    assert await count(lite, PEOPLE) == 0


async def test_a_reaction_is_heard_but_not_answered(lite: House, whatsapp: WhatsApp) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    later(lite, hours=30)
    salma.sends({"type": "reaction", "reaction": {"message_id": salma.heard[-1]["id"], "emoji": "👍"}})
    await whatsapp.quiet()
    assert salma.unread == 0
    await tell(lite, salma, "Bonjour")
    assert await salma.reads() == "Bonjour", "it opened the window"


@pytest.mark.parametrize("word", ["stop", "resume"])
async def test_who_stops_news_in_whatsapp_itself_gets_none(lite: House, whatsapp: WhatsApp, word: str) -> None:
    salma = whatsapp.person("Salma")
    await enter(salma)
    wish = {
        "wa_id": salma.phone,
        "detail": "",
        "category": "marketing_messages",
        "value": word,
        "timestamp": int(whatsapp.stamp()),
    }
    whatsapp.change({"contacts": [{"wa_id": salma.phone}], "user_preferences": [wish]}, "user_preferences")
    await whatsapp.quiet()
    assert ("news" in (await row(lite, select(PersonRow.agreed))).agreed) == (word == "resume")
