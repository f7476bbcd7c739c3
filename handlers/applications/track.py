"""/track: my applications: where they stand in plain words, what comes next, what can still be added or changed."""

from __future__ import annotations

from handlers.actor import by_chat
from handlers.applications import actions, form, requirements, words
from handlers.applications.actions import Progress
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice, yes_no
from handlers.talk.question import Option
from handlers.talk.talk import Talk
from handlers.talk.words import Listed, Text, UserText, _, lines, paragraphs
from storage import Conflict, applications
from storage.applications import Application
from storage.database import Db


async def track(talk: Talk, db: Db, programme: Programme) -> None:
    listed = await applications.listed(db, talk.person.id)
    if not listed:
        talk.say(_("You have not sent an application yet."))
        talk.offer(_("Continue my application") if "apply" in talk.drafts else _("Apply"), "/apply")
        talk.offer(_("Am I eligible?"), "/eligibility")
        talk.offer(_("Menu"), "/menu")
        return
    current = next((application for application in listed if application.status in applications.OPEN), None)
    told = paragraphs([await _told(db, programme, application) for application in listed[:3]])
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


async def _told(db: Db, programme: Programme, application: Application) -> Text:
    """One application in plain words: its number, its status, what comes next."""
    ref, status = application.reference, application.status
    project = str(application.answers.get("project_name") or "")
    head = _("{ref}: {project}", ref=ref, project=project) if project else UserText(ref)
    asked = await requirements.waiting(db, programme, application.id) if status in applications.OPEN else []
    there = await applications.documents(db, application.id)
    missing = requirements.missing(programme, application.applicant, there)
    lacks = status == "missing_docs" and bool(missing)
    only_asked = status == "missing_docs" and not lacks  # nothing is missing, but the team has questions
    texts: list[Text] = [head, words.label(programme, status) if only_asked else words.status_text(programme, status)]
    if application.words:
        texts.append(words.told_words(programme, application.words))
    if asked:
        texts.append(_("The team asks you, by {day}:", day=asked[-1].until))
        texts.append(words.change_requests(programme, asked))
    if lacks:
        texts.append(_("Missing: {documents}.", documents=Listed(tuple(missing))))
    if status in ("submitted", "in_review", "missing_docs"):
        texts.append(_("Answer promised by {day}.", day=application.promised_on))
    return lines(texts)


async def _add_document(talk: Talk, db: Db, programme: Programme, application: Application) -> None:
    wanted = requirements.needed(programme, application.applicant)
    there = await applications.documents(db, application.id)
    options = [
        Option(id, _("{document} (sent)", document=document.label) if id in there else document.label)
        for id, (document, _need) in wanted.items()
    ]
    which = await talk.ask("document", choice(_("Which document would you like to send?"), options))
    sent = await talk.ask(f"doc_{which}", form.document_question(programme, which, wanted[which][1]))
    if not sent:
        talk.say(_("No problem: you can send it later."))
        return
    try:
        progress = await actions.add_documents(db, by_chat(talk), programme, application, which, sent)
    except Conflict:
        talk.say(_("Your application has been closed meanwhile, so nothing was added."))
        return
    talk.say(_("Thank you, the document is in your file."))
    if not progress.complete:
        talk.say(_("Some documents are still missing; you can send them at any time."))
    _still_asked(talk, programme, progress)
    if progress.complete and not progress.waiting:
        talk.say(_("Your file is complete now."))
    talk.offer(_("Send another document"), "/track document")
    talk.offer(_("Track my application"), "/track")


def _still_asked(talk: Talk, programme: Programme, progress: Progress) -> None:
    """Say what the team still waits for, if there is anything."""
    if progress.waiting:
        talk.say(words.still_to_answer(programme, progress.waiting))
        talk.offer(_("Answer the team"), "/changes")


async def _change(talk: Talk, db: Db, programme: Programme, application: Application) -> None:
    fields = requirements.changeable(programme, application)
    labels = {id: field.label for id, field in fields.items()}
    which = await talk.ask("field", choice(_("Which answer would you like to change?"), labels))
    question = form.field_question(programme, which, fields[which].need(application.applicant))
    answer = await talk.ask(f"new_{which}"[:40], question, known=application.answers.get(which))
    try:
        progress = await actions.change_answer(db, by_chat(talk), programme, application, which, question.keep(answer))
    except Conflict:
        talk.say(
            _("The review of your application has begun, so it can no longer be changed here. The team can help you.")
        )
        talk.offer(_("Talk to the team"), "/human")
        return
    talk.say(_("Thank you, saved."))
    _still_asked(talk, programme, progress)
    talk.offer(_("Change another answer"), "/track change")
    talk.offer(_("Track my application"), "/track")


async def _withdraw(talk: Talk, db: Db, application: Application) -> None:
    ref = application.reference
    sure = _("Do you really want to withdraw application {ref}? You can apply again later.", ref=ref)
    if not await talk.ask("withdraw", yes_no(sure, yes=_("Yes, withdraw it"), no=_("No, keep it"))):
        talk.say(_("Your application stays as it is."))
        talk.offer(_("Track my application"), "/track")
        return
    try:
        await actions.withdraw(db, by_chat(talk), application)
    except Conflict:
        talk.say(_("Your application has been closed meanwhile."))
        return
    talk.say(_("Your application {ref} is withdrawn. You can apply again whenever you like.", ref=ref))
    talk.offer(_("Apply again"), "/apply")
