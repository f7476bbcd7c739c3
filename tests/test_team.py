"""The team: who may do what, what a review counts, what a founder may change, what leaves as a table, and what is written down of it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import func, insert, select, update

from bot.settings import HOME
from handlers import rights
from handlers.actor import Actor
from handlers.applications import points
from handlers.contents import contents
from handlers.notices.tables import csv_of, safe, xlsx_of
from handlers.programme.load import load
from handlers.programme.model import Programme
from handlers.rights import may
from storage import Conflict, applications, change_requests, decisions, exchanges, invites, people, privacy, reviews
from storage.applications import Application
from storage.database import Db
from storage.tables import (
    DecisionRow,
    EventRow,
    InviteRow,
    ItemRow,
    MentionRow,
    OutboxRow,
    PersonRow,
    ReviewRow,
    TalkRow,
)
from tests.chat import START, Chat, plain

ANSWERS: dict[str, Any] = {
    "project_name": "Solar Souk",
    "full_name": "Salma Benali",
    "sector": ["it"],
    "market": "La médina.",
}


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load(HOME / "programmes" / "technopark-oujda.yaml")


async def applied(chat: Chat, name: str = "salma", sector: str = "it", **more: Any) -> tuple[int, str]:
    """Somebody with an application: (who, its number)."""
    async with chat.core.database.transaction() as db:
        who = await people.add(db, "paper", name, START)
        await db.execute(update(PersonRow).where(PersonRow.id == who).values(language="fr", name=name.capitalize()))
    return who, await an_application(chat, who, sector, **more)


async def an_application(chat: Chat, who: int, sector: str = "it", **more: Any) -> str:
    async with chat.core.database.transaction() as db:
        application = await applications.submit(
            db,
            who,
            chat.core.programme.programme,
            "OUJ",
            "project_holder",
            ANSWERS | {"sector": [sector]} | more,
            [],
            complete=True,
            promised_on=START.date() + timedelta(days=14),
            now=START,
            today=START.date(),
        )
        return application.reference


async def found(db: Db, programme: str, reference: str) -> Application:
    application = await applications.by_reference(db, programme, reference)
    assert application is not None
    return application


async def member(chat: Chat, name: str, role: str) -> int:
    """A colleague who has met the bot, and reads French."""
    await chat.say("salam", name)
    await chat.press("Français", name)
    await chat.press("J'accepte", name)
    async with chat.core.database.transaction() as db:
        who = await people.at(db, "paper", name)
        assert who is not None
        await people.grant(db, who, role, START)
    return who


async def audit(chat: Chat, action: str) -> list[tuple[int | None, str, Any, Any]]:
    async with chat.core.database.reading() as db:
        rows = await db.execute(
            select(EventRow.actor_id, EventRow.subject, EventRow.before, EventRow.after).where(
                EventRow.action == action
            )
        )
        return [tuple(row) for row in rows]


# who may do what ----------------------------------------------------------------------------------------------------

REVIEWER = {"queue", "file"}
STAFF = REVIEWER | {
    "desk",
    "take",
    "answer",
    "decisions",
    "export",
    "announce",
    "announcements",
    "announcement",
    "team",
    "invite",
    "coaches",
    "session",
}
COACH = {"agenda", "session", "hours", "profile", "calendar", "pause"}
OWN = {"founder": set[str](), "reviewer": REVIEWER, "coach": COACH, "staff": STAFF, "admin": STAFF}


def test_each_role_opens_its_own_conversations_and_no_others(programme: Programme) -> None:
    entries = contents(programme)
    everybody = {name for name, entry in entries.items() if may({"founder"}, entry.act)}
    for role, own in OWN.items():
        assert {name for name, entry in entries.items() if may({"founder", role}, entry.act)} == everybody | own, role


@pytest.mark.parametrize("command", sorted(STAFF | COACH))
async def test_a_founder_who_types_a_command_of_the_team_is_told_kindly_that_it_is_none(
    chat: Chat, command: str
) -> None:
    await member(chat, "amina", "founder")
    (said,) = await chat.say(f"/{command} 1", "amina")
    assert "Je ne connais pas cette commande" in said["text"]


async def revoked(chat: Chat, who: int, role: str) -> None:
    async with chat.core.database.transaction() as db:
        await people.revoke(db, who, role, chat.clock.now())


@pytest.mark.parametrize(("command", "answer"), [("export", "CSV"), ("invite", "coach")])
async def test_what_was_opened_with_a_role_does_nothing_once_the_role_is_taken_away(
    chat: Chat, command: str, answer: str
) -> None:
    await applied(chat)
    karim = await member(chat, "karim", "staff")
    opened = await chat.say(f"/{command}", "karim")
    assert answer in str(opened[-1]["buttons"])
    await revoked(chat, karim, "staff")
    said = await chat.press(answer, "karim")
    assert "Votre rôle ne le permet plus" in said[0]["text"]
    assert not any("file" in part for part in said)
    async with chat.core.database.reading() as db:
        assert not await db.scalar(select(func.count()).select_from(InviteRow))


@pytest.mark.parametrize(
    ("role", "command"), [(role, name) for role in ("staff", "coach") for name in sorted(OWN[role])]
)
async def test_no_open_conversation_of_a_role_outlives_it(sqlite_chat: Chat, role: str, command: str) -> None:
    chat = sqlite_chat
    who = await member(chat, "karim", role)
    await chat.say(f"/{command}", "karim")
    await revoked(chat, who, role)
    await chat.say("1", "karim")
    async with chat.core.database.reading() as db:
        left = set(await db.scalars(select(TalkRow.name).where(TalkRow.person_id == who)))
    assert not left & (STAFF | COACH), "nothing that the role allowed is open any more"


@pytest.mark.parametrize("move", ["retour", "modifier", "annuler"])
async def test_no_move_looks_into_what_a_role_had_opened(sqlite_chat: Chat, move: str) -> None:
    chat = sqlite_chat
    karim = await member(chat, "karim", "staff")
    await chat.say("/announce", "karim")
    await chat.say("1", "karim")
    await revoked(chat, karim, "staff")
    said = await chat.say(move, "karim")
    if move == "annuler":  # leaving it is all that is offered
        said = await chat.say("1", "karim")
    assert "Votre rôle ne le permet plus" in said[0]["text"]


@pytest.mark.parametrize("command", ["/faq ²", "/services hosting ²", "/resume ²", "/feedback 99999999999999999999 5"])
async def test_a_number_that_is_none_of_ours_is_no_fault(chat: Chat, command: str) -> None:
    await member(chat, "amina", "founder")
    said = await chat.say(command, "amina")
    assert said
    assert "Désolé" not in said[0]["text"]


@pytest.mark.parametrize("wish", ["ask", "decide"])
async def test_a_reviewer_neither_asks_back_nor_decides(chat: Chat, wish: str) -> None:
    _who, reference = await applied(chat)
    await member(chat, "nadia", "reviewer")
    said = await chat.say(f"/file {reference} {wish}", "nadia")
    assert "Lire les réponses" in str(said[-1]["buttons"]), "they see the file, and nothing else happens"
    assert "Demander une modification" not in str(said[-1]["buttons"])


async def test_a_reviewer_opens_only_files_of_their_sectors_and_nobody_their_own(chat: Chat) -> None:
    _who, it = await applied(chat, "salma", "it")
    _who, green = await applied(chat, "driss", "green")
    await member(chat, "nadia", "reviewer")
    await chat.say("/queue", "nadia")
    await chat.say("2", "nadia")
    await chat.say("green", "nadia")
    (listed,) = await chat.say("fini", "nadia")
    assert green in listed["text"]
    assert it not in listed["text"]
    assert "que vous puissiez ouvrir" in (await chat.say(f"/file {it}", "nadia"))[0]["text"]
    async with chat.core.database.transaction() as db:
        driss = await people.at(db, "paper", "driss")
        assert driss is not None
        await people.grant(db, driss, "admin", START)
        assert [row.application.reference for row in await reviews.queue(db, chat.core.programme.programme, driss)] == [
            it
        ]
        row = await found(db, chat.core.programme.programme, green)
    actor = Actor(driss, frozenset({"founder", "admin"}), chat.core.languages, START)
    assert not rights.may_open(actor, row)


async def test_staff_invite_reviewers_and_coaches_and_only_an_admin_staff(chat: Chat) -> None:
    await member(chat, "karim", "staff")
    (asked,) = await chat.say("/invite", "karim")
    assert [button["label"] for button in asked["buttons"]] == ["évaluateur", "coach"]
    await member(chat, "nadia", "admin")
    (asked,) = await chat.say("/invite", "nadia")
    assert [button["label"] for button in asked["buttons"]] == [
        "évaluateur",
        "coach",
        "membre de l'équipe",
        "administrateur",
    ]


async def test_an_invitation_works_once_for_a_week_and_its_code_is_kept_nowhere(chat: Chat) -> None:
    first, second = await member(chat, "a", "founder"), await member(chat, "b", "founder")
    async with chat.core.database.transaction() as db:
        code = await invites.invite(db, 1, "reviewer", START)
        late = await invites.invite(db, 1, "staff", START)
        assert await invites.join(db, first, code, START) == ("reviewer", 1)
        assert await invites.join(db, second, code, START) is None
        assert await invites.join(db, second, late, START + timedelta(days=7, seconds=1)) is None
        assert await invites.join(db, second, "", START) is None
        kept = str((await db.execute(select(InviteRow.digest, InviteRow.role, InviteRow.by))).all())
        assert code not in kept
        assert late not in kept
        with pytest.raises(ValueError, match="king"):
            await invites.invite(db, 1, "king", START)
    assert code not in str(await audit(chat, "invited"))


async def test_the_only_administrator_cannot_be_taken_away(chat: Chat) -> None:
    who = await member(chat, "karim", "admin")
    await chat.say("/team", "karim")
    await chat.say("2", "karim")
    (said,) = await chat.say("1", "karim")
    assert "le seul administrateur" in said["text"]
    async with chat.core.database.reading() as db:
        assert (await people.team(db)) == [(who, "Karim", ["founder", "admin"])]


# reviews ------------------------------------------------------------------------------------------------------------


def test_points_are_a_weighted_mean(programme: Programme) -> None:
    rules = programme.review
    assert rules is not None
    assert points.of(rules, dict.fromkeys(rules.criteria, 4)) == 4
    assert points.of(rules, {"innovation": 5, "impact": 1}) == pytest.approx((25 * 5 + 10 * 1) / 35)
    assert points.of(rules, {"gone": 5}) == 0
    assert points.mean(rules, []) is None
    assert points.mean(rules, [{"team": 2}, {"team": 5}]) == 3.5


async def test_the_least_reviewed_comes_first_then_the_earliest_promise(chat: Chat) -> None:
    numbers = [(await applied(chat, name))[1] for name in ("a", "b", "c")]
    programme = chat.core.programme.programme
    reader, other = await member(chat, "nadia", "reviewer"), await member(chat, "omar", "reviewer")
    async with chat.core.database.transaction() as db:
        files = [await found(db, programme, number) for number in numbers]
        await reviews.give(db, files[0].id, other, START, scores={"team": 3})
        await reviews.give(db, files[1].id, other, START, conflict=True)
        assert [(row.application.reference, row.reviews) for row in await reviews.queue(db, programme, reader)] == [
            (numbers[1], 0),
            (numbers[2], 0),
            (numbers[0], 1),
        ]
        assert [row.application.reference for row in await reviews.queue(db, programme, other)] == [numbers[2]], (
            "nor what they read, nor what they must not"
        )
        await applications.withdraw(db, files[2].id, files[2].person_id or 0, START)
        assert await reviews.queue(db, programme, other) == []


async def test_nobody_reads_the_others_before_their_own_review(chat: Chat) -> None:
    _who, reference = await applied(chat)
    nadia, _omar = await member(chat, "nadia", "reviewer"), await member(chat, "omar", "reviewer")
    async with chat.core.database.transaction() as db:
        row = await found(db, chat.core.programme.programme, reference)
        await reviews.give(db, row.id, nadia, START, scores={"team": 1}, notes="à refuser")
    assert "à refuser" not in str(await chat.say(f"/file {reference}", "omar"))
    assert "à refuser" in str(await chat.say(f"/file {reference}", "nadia"))


async def test_a_founder_changes_only_what_was_asked_and_the_file_goes_back_to_where_it_was(chat: Chat) -> None:
    who, reference = await applied(chat)
    programme = chat.core.programme.programme
    async with chat.core.database.transaction() as db:
        row = await found(db, programme, reference)
        await change_requests.ask(db, row.id, 7, {"market": ("Combien ?", "La médina.")}, START.date(), START)
        assert (await found(db, programme, reference)).status == "missing_docs"
        await change_requests.answer(db, row.id, who, {"market": "Douze."}, {}, True, START)
        after = await found(db, programme, reference)
        assert (after.status, after.answers["market"], after.answers["project_name"]) == (
            "submitted",
            "Douze.",
            "Solar Souk",
        )
        (item,) = await change_requests.of(db, row.id)
        assert (item.before, item.after) == ("La médina.", "Douze.")
        with pytest.raises(Conflict):
            await change_requests.answer(db, row.id, who, {"market": "Encore."}, {}, True, START)


async def test_whoever_is_shortlisted_stays_so_while_the_team_asks_for_more(chat: Chat) -> None:
    who, reference = await applied(chat)
    programme = chat.core.programme.programme
    async with chat.core.database.transaction() as db:
        row = await found(db, programme, reference)
        await applications.move(db, row.id, 7, ["submitted"], "shortlisted", START)
        await change_requests.ask(db, row.id, 7, {"market": ("Combien ?", "La médina.")}, START.date(), START)
        assert (await found(db, programme, reference)).status == "shortlisted"
        await change_requests.answer(db, row.id, who, {"market": "Douze."}, {}, True, START)
        assert (await found(db, programme, reference)).status == "shortlisted"


async def test_what_a_founder_leaves_for_later_is_still_asked(chat: Chat) -> None:
    who, reference = await applied(chat)
    programme = chat.core.programme.programme
    async with chat.core.database.transaction() as db:
        row = await found(db, programme, reference)
        asked = {"market": ("Combien ?", "La médina."), "deck": ("Illisible.", None)}
        await change_requests.ask(db, row.id, 7, asked, START.date(), START)
        await change_requests.answer(db, row.id, who, {"market": "Douze."}, {}, True, START)
        assert [item.item for item in await change_requests.waiting(db, row.id)] == ["deck"]
        assert (await found(db, programme, reference)).status == "missing_docs"


async def test_what_was_asked_for_may_come_through_the_menu_as_well(chat: Chat) -> None:
    await chat.say("salam", "salma")
    await chat.press("Français", "salma")
    await chat.press("J'accepte", "salma")
    karim = await member(chat, "karim", "staff")
    async with chat.core.database.transaction() as db:
        who = await people.at(db, "paper", "salma")
        assert who is not None
    reference = await an_application(chat, who)
    async with chat.core.database.transaction() as db:
        row = await found(db, chat.core.programme.programme, reference)
        asked = {"deck": ("Illisible.", None), "market": ("Combien ?", "La médina.")}
        await change_requests.ask(db, row.id, karim, asked, START.date(), START)
    await chat.say("/track document", "salma")
    await chat.press("Présentation du projet", "salma")
    await chat.send("deck.pdf", "salma")
    heard = len(chat.paper.sent)
    (said,) = await chat.press("Terminer", "salma")
    assert any(to == "karim" and "maintenant deck.pdf" in plain(part["text"]) for to, part in chat.paper.sent[heard:])
    assert "• Clients visés : Combien ?" in plain(said["text"])
    await chat.say("/track change", "salma")
    await chat.press("Clients visés", "salma")
    await chat.say("Douze commerces.", "salma")
    async with chat.core.database.reading() as db:
        assert await change_requests.waiting(db, row.id) == []


async def test_the_words_of_a_decision_stay_with_the_application(chat: Chat) -> None:
    who, reference = await applied(chat)
    programme = chat.core.programme
    await member(chat, "karim", "staff")
    async with chat.core.database.transaction() as db:
        row = await found(db, programme.programme, reference)
        await decisions.prepare(db, row.id, 7, "accepted", "Créer la société.", START)
        await decisions.release(db, row.id, 7, START)
        assert [one["words"] for one in (await privacy.everything(db, who))["applications"]] == ["Créer la société."]
    assert "« Créer la société. »" in plain((await chat.say(f"/file {reference}", "karim"))[0]["text"])
    async with chat.core.database.transaction() as db:
        await privacy.erase(db, who, START)
        assert [left.words for left in [await applications.one(db, row.id)] if left is not None] == [""]


async def test_a_decision_said_again_with_other_words_is_told_again(chat: Chat) -> None:
    _who, reference = await applied(chat)
    async with chat.core.database.transaction() as db:
        row = await found(db, chat.core.programme.programme, reference)
        for words in ("Mardi à 10 h.", "Plutôt jeudi à 10 h."):
            await decisions.prepare(db, row.id, 7, "interview", words, START)
            assert await decisions.release(db, row.id, 7, START) == "interview"
            assert (await found(db, chat.core.programme.programme, reference)).words == words


async def test_nobody_tells_or_drops_the_decision_on_their_own_application(chat: Chat) -> None:
    karim = await member(chat, "karim", "staff")
    reference = await an_application(chat, karim)
    await member(chat, "nadia", "staff")
    async with chat.core.database.transaction() as db:
        row = await found(db, chat.core.programme.programme, reference)
        await decisions.prepare(db, row.id, 7, "not_selected", "Pas cette fois.", START)
    assert reference not in str(await chat.say("/decisions", "karim"))
    assert reference in str(await chat.say("/decisions", "nadia"))


async def test_a_decision_is_told_once_though_two_release_it(chat: Chat) -> None:
    _who, reference = await applied(chat)
    async with chat.core.database.transaction() as db:
        row = await found(db, chat.core.programme.programme, reference)
        await decisions.prepare(db, row.id, 7, "shortlisted", "", START)
        await decisions.prepare(db, row.id, 7, "accepted", "", START)
        assert [one.status for one in await decisions.prepared(db, chat.core.programme.programme)] == ["accepted"]
        assert await decisions.release(db, row.id, 7, START) == "accepted"
        assert await decisions.release(db, row.id, 8, START) is None
        with pytest.raises(Conflict):
            await decisions.prepare(db, row.id, 7, "waitlisted", "", START)


async def test_a_decision_on_what_was_withdrawn_meanwhile_is_not_told(chat: Chat) -> None:
    who, reference = await applied(chat)
    async with chat.core.database.transaction() as db:
        row = await found(db, chat.core.programme.programme, reference)
        await decisions.prepare(db, row.id, 7, "accepted", "", START)
        await applications.withdraw(db, row.id, who, START)
        assert await decisions.release(db, row.id, 7, START) is None


async def test_everything_the_team_does_is_written_down_with_before_and_after(chat: Chat) -> None:
    who, reference = await applied(chat)
    async with chat.core.database.transaction() as db:
        row = await found(db, chat.core.programme.programme, reference)
        subject = f"application:{row.id}"
        await reviews.give(db, row.id, who, START, scores={"team": 2})
        await reviews.give(db, row.id, who, START, scores={"team": 4})
        await applications.move(db, row.id, 7, ["submitted"], "in_review", START)
        await change_requests.ask(db, row.id, 7, {"market": ("?", None)}, START.date(), START)
        await decisions.prepare(db, row.id, 7, "accepted", "", START)
        await decisions.drop(db, row.id, 7, START)
        await people.revoke(db, who, "coach", START, actor=7)
    assert [row[2:] for row in await audit(chat, "reviewed")] == [(None, {"team": 2}), ({"team": 2}, {"team": 4})]
    assert (7, subject, "submitted", "in_review") in await audit(chat, "status changed")
    assert await audit(chat, "changes asked") == [(7, subject, None, ["market"])]
    assert await audit(chat, "decision taken back") == [(7, subject, "accepted", None)]
    assert [row[0] for row in await audit(chat, "role taken away")] == [7]


async def test_an_erased_founder_leaves_nothing_with_the_team(chat: Chat) -> None:
    who, reference = await applied(chat, pitch="MARKER")
    await member(chat, "nadia", "reviewer")
    await chat.say(f"/file {reference} answers", "nadia")
    async with chat.core.database.transaction() as db:
        row = await found(db, chat.core.programme.programme, reference)
        await reviews.give(db, row.id, who, START, notes="MARKER")
        await change_requests.ask(db, row.id, 7, {"market": ("MARKER", "MARKER")}, START.date(), START)
        await decisions.prepare(db, row.id, 7, "accepted", "MARKER", START)
        assert await db.scalar(select(func.count()).where(MentionRow.person_id == who)) == 1
        await privacy.erase(db, who, START)
        for table in (ReviewRow, ItemRow, DecisionRow):
            assert await db.scalar(select(func.count()).select_from(table)) == 0
        bodies = str((await db.scalars(select(OutboxRow.body))).all())
    assert "MARKER" not in bodies
    assert "Salma" not in bodies
    assert "que vous puissiez ouvrir" in (await chat.say(f"/file {reference}", "nadia"))[0]["text"]


# tables -------------------------------------------------------------------------------------------------------------

PAYLOADS = [
    f"{before}{sign}{what}"
    for before in ("", " ", "\u00a0", "\t", "\n")
    for sign in "=+-@＝＋－＠"
    for what in ("1+1", 'HYPERLINK("http://x")', "cmd|' /C calc'!A0")
]


def test_no_cell_of_a_csv_begins_a_formula_and_the_words_come_back() -> None:
    assert len(PAYLOADS) >= 100
    rows = list(csv.reader(io.StringIO(csv_of([[payload] for payload in PAYLOADS]).decode("utf-8-sig"), newline="")))
    for (cell,), payload in zip(rows, PAYLOADS, strict=True):
        assert cell[0] == "'"
        assert cell[1:] == payload


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=30))
def test_any_words_survive_the_csv(words: str) -> None:
    ((cell,),) = csv.reader(io.StringIO(csv_of([[words]]).decode("utf-8-sig"), newline=""))
    assert cell == safe(words)
    assert cell in (words, f"'{words}")


def test_no_cell_of_a_workbook_is_a_formula_and_the_words_stand_as_they_are() -> None:
    book = load_workbook(
        io.BytesIO(xlsx_of([["Réponse"], *([payload] for payload in PAYLOADS)], title="Demandes", rtl=True))
    )
    sheet = book.active
    assert sheet is not None
    assert sheet.sheet_view.rightToLeft
    for row, payload in zip(sheet.iter_rows(min_row=2), PAYLOADS, strict=True):
        assert row[0].data_type == "s"
        assert row[0].value == payload


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_the_team_takes_the_applications_away_as_a_table(chat: Chat, kind: str) -> None:
    _who, reference = await applied(chat, pitch="=1+1", phone="+212612345678")
    await member(chat, "karim", "staff")
    await chat.say("/export", "karim")
    sent = (await chat.press({"xlsx": "Excel", "csv": "CSV"}[kind], "karim"))[0]
    content = chat.core.store.path(sent["file"][0]).read_bytes()
    if kind == "csv":
        header, row = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    else:
        sheet = load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        header, row = ([str(cell.value or "") for cell in line] for line in sheet.iter_rows())
    told = dict(zip(header, row, strict=True))
    assert told["Numéro"] == reference
    assert told["Projet en une phrase"].lstrip("'") == "=1+1"
    assert told["Téléphone"].lstrip("'") == "+212 6 12 34 56 78"
    assert told["Domaine"] == "Numérique (IT)"


# exchanges ----------------------------------------------------------------------------------------------------------


async def test_one_colleague_takes_an_exchange_and_the_others_see_it(chat: Chat) -> None:
    founder, karim, nadia = (
        await member(chat, "amina", "founder"),
        await member(chat, "karim", "staff"),
        await member(chat, "nadia", "staff"),
    )
    async with chat.core.database.transaction() as db:
        id = (await exchanges.begin(db, founder, START)).id
        assert await exchanges.take(db, id, karim, START)
        assert not await exchanges.take(db, id, nadia, START)
        assert await exchanges.take(db, id, karim, START)
        (row,) = await exchanges.open_ones(db)
        assert (row.taken_by, row.taker) == (karim, "Karim")
        await exchanges.end(db, id, karim, START)
        assert not await exchanges.take(db, id, karim, START)


async def test_a_founder_nobody_answers_is_named_once(chat: Chat) -> None:
    founder = await member(chat, "amina", "founder")
    async with chat.core.database.transaction() as db:
        id = (await exchanges.begin(db, founder, START)).id
        assert await exchanges.overdue(db, START, START) == []
        assert [row.id for row in await exchanges.overdue(db, START + timedelta(seconds=1), START)] == [id]
        assert await exchanges.overdue(db, START + timedelta(hours=9), START) == []


async def test_a_document_is_read_by_its_owner_and_by_whom_it_was_sent_to(chat: Chat) -> None:
    from storage import files

    founder, reviewer, other = (
        await member(chat, "amina", "founder"),
        await member(chat, "nadia", "reviewer"),
        await member(chat, "omar", "founder"),
    )
    async with chat.core.database.transaction() as db:
        await files.keep(db, founder, "f1", "cv.pdf", "application/pdf", 10, START)
        row = {
            "person_id": reviewer,
            "channel": "paper",
            "address": "nadia",
            "lane": 0,
            "state": "sent",
            "created_at": START,
            "not_before": START,
        }
        await db.execute(
            insert(OutboxRow).values(
                **row, body={"text": "", "language": "fr", "file": ["f1", "cv.pdf", "application/pdf", 10]}
            )
        )
        assert await files.readable(db, founder, "f1") is not None
        assert await files.readable(db, reviewer, "f1") is not None
        assert await files.readable(db, other, "f1") is None
