"""/track: my applications: where they stand in plain words, what comes next, what can still be added or changed."""

from __future__ import annotations

from typing import Any

from handlers.applications import form, requirements
from handlers.applications import words as reviewing
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice, yes_no
from handlers.talk.question import Option
from handlers.talk.talk import Talk
from handlers.talk.words import Listed, Text, UserText, _, lines, paragraphs
from storage import Conflict, applications, reviews
from storage.database import Db


async def track(talk: Talk, db: Db, programme: Programme) -> None:
    listed = await applications.listed(db, talk.person.id)
    if not listed:
        talk.say(_("You have not sent an application yet."))
        talk.offer(_("Continue my application") if "apply" in talk.drafts else _("Apply"), "/apply")
        talk.offer(_("Am I eligible?"), "/eligibility")
        talk.offer(_("Menu"), "/menu")
        return
    current = next((row for row in listed if row.status in applications.OPEN), None)
    told = paragraphs([await _told(talk, db, programme, row) for row in listed[:3]])
    if current is None:
        talk.say(told)
        if listed[0].status == "accepted":
            talk.offer(_("Talk to the team"), "/human")
        else:
            talk.offer(_("Apply again"), "/apply")
        talk.offer(_("Menu"), "/menu")
        return
    options = {"document": _("Send a document")}
    if await requirements.waiting(db, programme, current.id):
        options = {"/changes": _("Answer the team")} | options
    if current.status in applications.CHANGEABLE:
        options["change"] = _("Change an answer")
    options |= {"withdraw": _("Withdraw it"), "/menu": _("Menu")}
    wish = talk.argument if talk.argument in options else await talk.ask("what", choice(told, options))
    match wish:
        case "document":
            await _add_document(talk, db, programme, current)
        case "change":
            await _change(talk, db, programme, current)
        case "withdraw":
            await _withdraw(talk, db, current)


async def _told(talk: Talk, db: Db, programme: Programme, row: Any) -> Text:
    """One application in plain words: its number, its status, what comes next."""
    project = str(row.answers.get("project_name") or "")
    head = _("{ref}: {project}", ref=row.reference, project=project) if project else UserText(row.reference)
    asked = await requirements.waiting(db, programme, row.id) if row.status in applications.OPEN else []
    there = await applications.documents(db, row.id)
    missing = requirements.missing(programme, row.applicant, there)
    lacks = row.status == "missing_docs" and bool(missing)
    only_asked = row.status == "missing_docs" and not lacks  # nothing is missing, but the team has questions
    said: list[Text] = [
        head,
        reviewing.label(programme, row.status) if only_asked else reviewing.status_text(programme, row.status),
    ]
    if row.words:
        said.append(reviewing.told_words(programme, row.words))
    if asked:
        said += [_("The team asks you, by {day}:", day=asked[-1].until), reviewing.asked_back(programme, asked)]
    if lacks:
        said.append(_("Missing: {documents}.", documents=Listed(tuple(missing))))
    if row.status in ("submitted", "in_review", "missing_docs"):
        said.append(_("Answer promised by {day}.", day=row.promised_on))
    return lines(said)


async def _add_document(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    wanted = requirements.needed(programme, row.applicant)
    there = await applications.documents(db, row.id)
    options = [
        Option(id, _("{document} (sent)", document=d.label) if id in there else d.label)
        for id, (d, _need) in wanted.items()
    ]
    which = await talk.ask("document", choice(_("Which document would you like to send?"), options))
    sent = await talk.ask(f"doc_{which}", form.document_question(programme, which, wanted[which][1]))
    if not sent:
        talk.say(_("No problem: you can send it later."))
        return
    complete = not requirements.missing(programme, row.applicant, {*there, which})
    try:
        if not await _asked_for(
            talk, db, programme, row, which, {}, [(which, one.id, one.name) for one in sent], complete
        ):
            await applications.add_documents(
                db, row.id, talk.person.id, which, [one.id for one in sent], complete, talk.now
            )
    except Conflict:
        talk.say(_("Your application has been closed meanwhile, so nothing was added."))
        return
    talk.say(_("Thank you, the document is in your file."))
    if not complete:
        talk.say(_("Some documents are still missing; you can send them at any time."))
    if not await _still_asked(talk, db, programme, row) and complete:
        talk.say(_("Your file is complete now."))
    talk.offer(_("Send another document"), "/track document")
    talk.offer(_("Track my application"), "/track")


async def _asked_for(
    talk: Talk,
    db: Db,
    programme: Programme,
    row: Any,
    item: str,
    answers: dict[str, Any],
    documents: list[tuple[str, str, str]],
    complete: bool,
) -> bool:
    """Keep an item as the answer to the team, if it is one that they wait for; whether it is."""
    asked = {one.id for one in await requirements.waiting(db, programme, row.id) if one.item == item}
    if asked:
        await reviews.answer(db, row.id, talk.person.id, answers, documents, complete, talk.now)
        await reviewing.tell_changes(db, talk, programme, row, talk.person.id, asked)
    return bool(asked)


async def _still_asked(talk: Talk, db: Db, programme: Programme, row: Any) -> bool:
    """Say what the team still waits for; whether there is anything."""
    waiting = await requirements.waiting(db, programme, row.id)
    if waiting:
        talk.say(
            lines(
                [
                    _("This can still be answered until {day}:", day=waiting[-1].until),
                    reviewing.asked_back(programme, waiting),
                ]
            )
        )
        talk.offer(_("Answer the team"), "/changes")
    return bool(waiting)


async def _change(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    fields = {
        id: field
        for id, field in programme.form.fields.items()
        if requirements.applies(field, row.applicant, row.answers) and field.consent is None
    }
    which = await talk.ask(
        "field", choice(_("Which answer would you like to change?"), {id: field.label for id, field in fields.items()})
    )
    question = form.field_question(programme, which, fields[which].need(row.applicant))
    value = await talk.ask(f"new_{which}"[:40], question, known=row.answers.get(which))
    complete = not requirements.missing(programme, row.applicant, await applications.documents(db, row.id))
    try:
        if not await _asked_for(talk, db, programme, row, which, {which: question.keep(value)}, [], complete):
            await applications.change(db, row.id, talk.person.id, which, question.keep(value), talk.now)
    except Conflict:
        talk.say(
            _("The review of your application has begun, so it can no longer be changed here. The team can help you.")
        )
        talk.offer(_("Talk to the team"), "/human")
        return
    talk.say(_("Thank you, saved."))
    await _still_asked(talk, db, programme, row)
    talk.offer(_("Change another answer"), "/track change")
    talk.offer(_("Track my application"), "/track")


async def _withdraw(talk: Talk, db: Db, row: Any) -> None:
    sure = _("Do you really want to withdraw application {ref}? You can apply again later.", ref=row.reference)
    if not await talk.ask("withdraw", yes_no(sure, yes=_("Yes, withdraw it"), no=_("No, keep it"))):
        talk.say(_("Your application stays as it is."))
        talk.offer(_("Track my application"), "/track")
        return
    try:
        await applications.withdraw(db, row.id, talk.person.id, talk.now)
    except Conflict:
        talk.say(_("Your application has been closed meanwhile."))
        return
    talk.say(_("Your application {ref} is withdrawn. You can apply again whenever you like.", ref=row.reference))
    talk.offer(_("Apply again"), "/apply")
