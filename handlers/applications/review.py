"""/queue and /file ABC-2026-0042: applications to be read: the card, the answers, the documents, points, conflicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handlers import rights
from handlers.actor import by_chat
from handlers.applications import requirements
from handlers.applications import words as reviewing
from handlers.applications.ask_back import ask_back
from handlers.applications.decisions import decide
from handlers.eligibility.questions import options_of
from handlers.programme.model import Programme, Review
from handlers.rights import Act, may, may_open
from handlers.talk.kinds.choices import choice, several, yes_no
from handlers.talk.kinds.text import text
from handlers.talk.message import File
from handlers.talk.question import Option, optional, titled
from handlers.talk.talk import Talk
from handlers.talk.words import IN_LANGUAGE, Listed, Text, UserText, _, lines, n_, paragraphs
from storage import applications, reviews
from storage.applications import OPEN
from storage.database import Db

SHOWN = 8  # applications of the queue in one message


async def queue(talk: Talk, db: Db, programme: Programme) -> None:
    """What waits to be read, least reviewed first, then by the day the founder was promised an answer."""
    sectors = await _my_sectors(talk, programme)
    rows = [
        row
        for row in await reviews.queue(db, programme.programme, talk.person.id)
        if rights.concerns(row.answers, sectors)
    ]
    if not rows:
        talk.say(_("Nothing waits for you: you have read every open application."))
        talk.offer(_("My sectors"), "/queue sectors")
        talk.offer(_("Menu"), "/menu")
        return
    talk.about(*(row.person_id for row in rows[:SHOWN]))
    said = [_line(talk, programme, row) for row in rows[:SHOWN]]
    head = n_("{n} application waits to be read.", "{n} applications wait to be read.", len(rows))
    options = [Option(f"/file {row.reference}", UserText(row.reference)) for row in rows[:SHOWN]]
    await talk.ask(
        "which",
        choice(
            paragraphs([head, *said, _("Which one would you like to open?")]),
            [*options, Option("/queue sectors", _("My sectors"))],
        ),
    )


def _line(talk: Talk, programme: Programme, row: Any) -> Text:
    card = reviewing.card(programme, row, row.reviews)
    return lines([card, _("The promised day has passed.")]) if row.promised_on < talk.today else card


async def _my_sectors(talk: Talk, programme: Programme) -> list[str]:
    """What this reviewer reads; asked once, and again with /queue sectors."""
    check = programme.eligibility.questions.get("sector")
    if check is None:
        return []
    kept = talk.person.profile.get(rights.SECTORS)
    if isinstance(kept, list) and talk.argument != "sectors":
        return [str(one) for one in kept]
    which = _("Which sectors do you review?")
    mine: list[str] = []
    if await talk.ask("sectors", choice(which, {"all": _("All of them"), "some": _("Some of them")})) == "some":
        mine = await talk.ask("chosen", several(which, options_of(check.options)), known=kept or None)
    talk.person.remember(review_sectors=[*mine])
    return mine


# one application ----------------------------------------------------------------------------------------------------


async def file(talk: Talk, db: Db, programme: Programme) -> None:
    reference, _space, wish = talk.argument.partition(" ")
    row = await reviews.file(db, programme.programme, reference)
    if row is None or not may_open(by_chat(talk), row):
        talk.say(_("There is no application “{ref}” that you can open.", ref=reference or "—"))
        talk.offer(_("Applications to read"), "/queue")
        return
    talk.about(row.person_id)
    given = await reviews.of(db, row.id)
    mine = next((one for one in given if one.reviewer_id == talk.person.id), None)
    if mine is not None and mine.conflict and wish != "conflict":
        talk.say(_("You declared a conflict of interest for {ref}, so it stays closed to you.", ref=row.reference))
        talk.offer(_("There is none after all"), f"/file {row.reference} conflict")
        talk.offer(_("Next application"), "/queue")
        return
    match wish:
        case "answers":
            await _answers(talk, db, programme, row)
        case "documents":
            await _documents(talk, db, programme, row)
        case "score" if programme.review is not None:
            await _score(talk, db, programme, programme.review, row, mine)
        case "conflict":
            await _conflict(talk, db, row, mine)
        case "ask" if _decides(talk):
            await ask_back(talk, db, programme, row)
        case "decide" if _decides(talk):
            await decide(talk, db, programme, row)
        case _:
            await _card(talk, db, programme, row, given, mine)


def _decides(talk: Talk) -> bool:
    return may(talk.person.roles, Act.DECIDE)


async def _card(talk: Talk, db: Db, programme: Programme, row: Any, given: Sequence[Any], mine: Any) -> None:
    rules, scored = programme.review, [one for one in given if not one.conflict]
    said: list[Text] = [
        reviewing.card(programme, row, len(scored)),
        _("Status: {status}", status=reviewing.label(programme, row.status)),
    ]
    if row.words and _decides(talk):
        said.append(_("Written to the founder: “{words}”", words=UserText(row.words)))
    if (
        rules is not None and scored and (mine is not None or _decides(talk))
    ):  # nobody reads the others before their own review
        value = reviewing.mean(rules, [one.scores for one in scored])
        said.append(_("Mean of the reviews: {points}", points=reviewing.of_five(value or 0)))
        said += [
            _(
                "• {name}: {points}. {notes}",
                name=one.name or "—",
                points=reviewing.of_five(reviewing.points(rules, one.scores)),
                notes=UserText(one.notes or "—"),
            )
            for one in scored
        ]
    asked = await reviews.items(db, row.id, waiting=False)
    if asked:
        waiting = sum(item.answered_at is None for item in asked)
        said += [reviewing.difference(programme, row, item) for item in asked if item.answered_at is not None]
        if waiting:
            said.append(
                n_("{n} change asked for is still to come.", "{n} changes asked for are still to come.", waiting)
            )
    ref = row.reference
    options = {f"/file {ref} answers": _("Read the answers"), f"/file {ref} documents": _("Documents")}
    if row.status in OPEN:
        if rules is not None:
            options[f"/file {ref} score"] = _("Change my points") if mine is not None else _("Give points")
        if mine is None:
            options[f"/file {ref} conflict"] = _("Conflict of interest")
        if _decides(talk):
            options |= {f"/file {ref} ask": _("Ask for a change"), f"/file {ref} decide": _("Prepare a decision")}
    options["/queue"] = _("Next application")
    await talk.ask("what", choice(lines(said), options))


async def _answers(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    """Every answer under its section, in the founder's own words."""
    language = IN_LANGUAGE.get(row.language, IN_LANGUAGE["fr"])
    talk.say(_("{ref}, written {language}:", ref=row.reference, language=language))
    checks = [(check.title, id) for id, check in programme.eligibility.questions.items() if id in row.answers]
    if checks:
        talk.say(
            lines(
                _("{title}: {answer}", title=title, answer=reviewing.value(programme, row, id)) for title, id in checks
            )
        )
    for section in programme.form.sections.values():
        fields = [
            (field.label, id)
            for id, field in section.fields.items()
            if requirements.applies(field, row.applicant, row.answers) and field.consent is None
        ]
        if fields:
            talk.say(
                lines(
                    [
                        section.title,
                        *(
                            _("{title}: {answer}", title=label, answer=reviewing.value(programme, row, id))
                            for label, id in fields
                        ),
                    ]
                )
            )
    _onward(talk, row)


def _onward(talk: Talk, row: Any) -> None:
    talk.offer(_("Give points"), f"/file {row.reference} score")
    talk.offer(_("Back to the file"), f"/file {row.reference}")
    talk.offer(_("Next application"), "/queue")


async def _documents(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    there = await applications.files(db, row.id)
    for one in there:
        label = (
            programme.form.documents[one.document].label
            if one.document in programme.form.documents
            else UserText(one.document)
        )
        talk.forward(
            File(one.id, one.name, one.kind, one.size), _("{ref}: {document}", ref=row.reference, document=label)
        )
    missing = requirements.missing(programme, row.applicant, {one.document for one in there})
    talk.say(
        _("Missing: {documents}.", documents=Listed(tuple(missing)))
        if missing
        else _("Every required document is here.")
    )
    _onward(talk, row)


async def _score(talk: Talk, db: Db, programme: Programme, rules: Review, row: Any, mine: Any) -> None:
    """Points for each criterion, then notes; the review of a submitted application thereby begins."""
    before = mine.scores if mine is not None else {}
    scale = [Option(str(n), _("{n} · {label}", n=n, label=label)) for n, label in enumerate(rules.points, 1)]
    scores: dict[str, int] = {}
    for at, (id, criterion) in enumerate(rules.criteria.items(), 1):
        talk.heading(_("{ref}: {n} of {all}", ref=row.reference, n=at, all=len(rules.criteria)))
        asked = titled(choice(lines([criterion.label, criterion.help]), scale), criterion.label)
        known = before.get(id)
        given: str = await talk.ask(f"points_{id}", asked, known=str(known) if known else None)
        scores[id] = int(given)
    talk.heading(None)
    notes = await talk.ask(
        "notes", optional(text(_("What should your colleagues know? Founders do not see it."), longest=2000))
    )
    await reviews.give(db, row.id, talk.person.id, talk.now, scores=scores, notes=notes or "")
    if await reviews.move(db, row.id, talk.person.id, ["submitted"], "in_review", talk.now):
        await reviewing.tell_status(db, talk, programme, row, "in_review")
    talk.say(
        _("Kept: {points} for {ref}.", points=reviewing.of_five(reviewing.points(rules, scores)), ref=row.reference)
    )
    talk.offer(_("Next application"), "/queue")
    if _decides(talk):
        talk.offer(_("Prepare a decision"), f"/file {row.reference} decide")
    talk.offer(_("Back to the file"), f"/file {row.reference}")


async def _conflict(talk: Talk, db: Db, row: Any, mine: Any) -> None:
    if mine is not None and mine.conflict:
        await reviews.withdraw(db, row.id, talk.person.id, talk.now)
        talk.say(_("Taken back: you can read {ref} again.", ref=row.reference))
        talk.offer(_("Back to the file"), f"/file {row.reference}")
        return
    sure = _(
        "Do you know these founders, or gain from this decision? Then {ref} is closed to you and others read it.",
        ref=row.reference,
    )
    if await talk.ask("conflict", yes_no(sure, yes=_("Yes, others shall read it"), no=_("No, I can read it"))):
        await reviews.give(db, row.id, talk.person.id, talk.now, conflict=True)
        talk.say(_("Thank you for saying so. It is noted, and you will not be shown this application again."))
        talk.offer(_("Next application"), "/queue")
    else:
        talk.offer(_("Back to the file"), f"/file {row.reference}")
        talk.say(_("Good: the application stays open to you."))


# what only the team does --------------------------------------------------------------------------------------------
