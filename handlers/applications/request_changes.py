"""Asking a founder to change or complete an application."""

from __future__ import annotations

from handlers.actor import by_chat
from handlers.applications import actions, commands, requirements, words
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import several, yes_no
from handlers.talk.kinds.text import text
from handlers.talk.question import titled
from handlers.talk.talk import Talk
from handlers.talk.words import _, lines
from storage import Conflict
from storage.applications import OPEN, Application
from storage.database import Db


async def request_changes(talk: Talk, db: Db, programme: Programme, application: Application) -> None:
    """Ask the founder to change single items, with a note on each; the rest of the application stays closed."""
    if application.status not in OPEN:
        talk.say(_("This application is closed."))
        return
    labels = requirements.askable(programme, application)
    prompt = _("What should the founder of {ref} change? Choose one or more.", ref=application.reference)
    notes = {}
    for id in await talk.ask("items", several(prompt, labels, most=len(labels))):
        ask = _(
            "{item}: what is missing, or should be different? Please write {language}.",
            item=labels[id],
            language=words.in_language(application),
        )
        notes[id] = await talk.ask(f"note_{id}"[:40], titled(text(ask, shortest=5, longest=500), labels[id]))
    until = requirements.answer_by(programme, talk.today)
    head = _("The founder will read this, and can answer until {day}:", day=until)
    sure = lines([head, words.change_notes(programme, notes)])
    if not await talk.ask("send", yes_no(sure, yes=_("Send it"), no=_("No, leave it"))):
        talk.say(_("Nothing was sent."))
        talk.offer(_("Back to the file"), commands.file(application.reference))
        return
    try:
        told = await actions.request_changes(db, by_chat(talk), programme, application, notes)
    except Conflict:
        talk.say(_("This application is closed."))
        return
    talk.say(
        _("Sent to the founder. You will be told when it is answered.")
        if told
        else _("Kept; but no channel reaches this founder just now.")
    )
    talk.offer(_("Back to the file"), commands.file(application.reference))
    talk.offer(_("Next application"), "/queue")
