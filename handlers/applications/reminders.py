"""What an application's founder is reminded of: one left half way, documents that are missing, items asked back, the promised day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from handlers.actor import Actor
from handlers.applications import requirements, words
from handlers.notices.quiet_hours import outside_quiet_hours
from handlers.notices.reminders import Kind
from handlers.notices.tell import Notice, greeted
from handlers.programme.model import Programme
from handlers.talk.words import Day, Listed, Text, UserText, _, lines
from storage import applications, reminders, talks
from storage.applications import Application
from storage.database import Db
from storage.reminders import Claimed, Reminder

DRAFT_AFTER = timedelta(hours=48)  # since the last answer of an application that was not sent


async def of_changes(db: Db, programme: Programme, application: Application, until: date, now: datetime) -> None:
    """When the team asks for changes: a word two days before the last day to answer, if there is that much time."""
    due = datetime.combine(until - timedelta(days=2), time(10), programme.zone).astimezone(UTC)
    if due > now:
        await _plan(db, programme, application, [(f"asked:{application.id}", "asked", due)])


async def of_application(
    db: Db, programme: Programme, application: Application, *, complete: bool, now: datetime
) -> None:
    """When an application is handed in: two nudges for what is missing, and a word of ours if the promised day passes."""
    id, passed = application.id, application.promised_on + timedelta(days=1)
    due = [(f"no_news:{id}:1", "no_news", datetime.combine(passed, time(10), programme.zone).astimezone(UTC))]
    if not complete:
        due += [(f"missing:{id}:{count}", "missing", now + timedelta(days=days)) for count, days in ((1, 3), (2, 8))]
    await _plan(db, programme, application, due)


async def _plan(db: Db, programme: Programme, application: Application, due: list[tuple[str, str, datetime]]) -> None:
    """Plan reminders for its founder: (key, kind, moment) each, outside the quiet hours."""
    founder = application.person_id
    if founder is not None:
        moments = [(key, kind, outside_quiet_hours(programme.coaching, programme.zone, at)) for key, kind, at in due]
        await reminders.plan(db, [Reminder(key, founder, kind, application.id, at) for key, kind, at in moments])


async def sweep(db: Db, by: Actor, programme: Programme) -> int:
    """Plan a nudge for each application left half way two days ago, and a second and last one five days later; how many were
    planned."""
    planned = 0
    for person, number, touched in await talks.drafts(db, "apply", by.now - timedelta(days=30), by.now - DRAFT_AFTER):
        due = outside_quiet_hours(programme.coaching, programme.zone, max(by.now, touched + DRAFT_AFTER))
        for at, count in ((due, 1), (due + timedelta(days=5), 2)):
            planned += await reminders.once(
                db, Reminder(f"draft:{person}:{number}:{count}", person, "draft", number, at)
            )
    return planned


async def _draft(db: Db, programme: Programme, reminder: Claimed, subject: None, now: datetime) -> Notice | str:
    """An application left half way; said at most twice, and never again after "stop reminding me"."""
    answers = await talks.answers_of(db, reminder.person, reminder.subject)
    if answers is None or await applications.current(db, reminder.person, programme.programme) is not None:
        return "no longer open"
    return draft(programme, _first_name(answers), str(answers.get("project_name") or ""), reminder.subject)


async def _no_news(db: Db, programme: Programme, reminder: Claimed, subject: None, now: datetime) -> Notice | str:
    application = await applications.one(db, reminder.subject)
    if application is None:
        return "gone"
    if application.status not in ("submitted", "in_review"):
        return "answered"
    return no_news(application.reference, application.promised_on)


async def _asked(db: Db, programme: Programme, reminder: Claimed, subject: None, now: datetime) -> Notice | str:
    """Items that the team asked back and nobody has answered yet; said once, two days before their last day."""
    application = await applications.one(db, reminder.subject)
    if application is None:
        return "gone"
    items = await requirements.waiting(db, programme, application.id) if application.status in applications.OPEN else ()
    if not items:
        return "answered"
    return asked(application.reference, items[-1].until, words.change_requests(programme, items))


async def _missing(db: Db, programme: Programme, reminder: Claimed, subject: None, now: datetime) -> Notice | str:
    application = await applications.one(db, reminder.subject)
    if application is None:
        return "gone"
    there = await applications.documents(db, application.id)
    lacking = requirements.missing(programme, application.applicant, there)
    if application.status != "missing_docs" or not lacking:
        return "complete"
    last_day = now.astimezone(programme.zone).date() + timedelta(days=14)
    name = _first_name(application.answers)
    return missing(programme, name, application.reference, application.id, Listed(tuple(lacking)), last_day)


def _first_name(answers: Mapping[str, Any]) -> str:
    return str(answers.get("full_name") or "").split(" ")[0]


KINDS = {
    "draft": Kind(_("a word about the application you have not sent"), _draft, may_be_muted=True),
    "missing": Kind(_("a word about documents that are missing"), _missing, may_be_muted=True),
    "asked": Kind(_("a word about what the team asks you for"), _asked),
    "no_news": Kind(_("news of your application, if there is no answer by then"), _no_news),
}


def draft(programme: Programme, first_name: str, project: str, number: int) -> Notice:
    """To somebody who left their application, the conversation with this number, half way."""
    if project:
        text: Text = greeted(programme.say(programme.texts.draft_reminder), first_name, project=project)
    else:
        text = _(
            "Your application is saved but not sent yet. A few minutes are enough to finish it. Would you like to continue?"
        )
    return Notice(text, [(_("Continue applying"), "/apply"), (_("Do not remind me"), f"/hush draft {number}")])


def missing(
    programme: Programme, first_name: str, reference: str, application: int, documents: Text, last_day: date
) -> Notice:
    """To somebody whose application lacks documents."""
    text = greeted(
        programme.say(programme.texts.document_missing),
        first_name,
        ref=reference,
        documents=documents,
        deadline=Day(last_day),
    )
    return Notice(
        text, [(_("Send a document"), "/track document"), (_("Do not remind me"), f"/hush missing {application}")]
    )


def asked(reference: str, until: date, items: Text) -> Notice:
    """To somebody whom the team waits for; the items with the team's notes."""
    head = _("The team still waits for your answer about application {ref}, by {day}:", ref=reference, day=until)
    return Notice(lines([head, items]), [(_("Answer now"), f"/changes {reference}"), (_("Talk to the team"), "/human")])


def no_news(reference: str, promised_on: date) -> Notice:
    """To somebody whom we promised an answer by a day that has passed."""
    text = _(
        "We promised you news of your application {ref} by {day}, and we owe you an apology: the review is still under way. Nothing is asked of you; we will write as soon as there is a decision.",
        ref=reference,
        day=promised_on,
    )
    return Notice(text, [(_("Track my application"), "/track"), (_("Talk to the team"), "/human")])


def notices(programme: Programme) -> list[Notice]:
    """Each of them, with samples for its parts."""
    day, reference = date(2026, 11, 26), "ABC-2026-0017"
    documents = next((document.label for document in programme.form.documents.values()), programme.name)
    return [
        *(draft(programme, name, project, 3) for name in ("Salma", "") for project in ("Atlas Bio", "")),
        *(missing(programme, name, reference, 17, documents, day) for name in ("Salma", "")),
        asked(reference, day, lines([UserText("• RC: à partir de quelle date ?")])),
        no_news(reference, day),
    ]
