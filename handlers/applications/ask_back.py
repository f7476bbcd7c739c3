"""Asking a founder to change or complete an application."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from handlers.applications import reminders, requirements
from handlers.notices import tell as notices
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import several, yes_no
from handlers.talk.kinds.text import text
from handlers.talk.question import titled
from handlers.talk.talk import Talk
from handlers.talk.words import IN_LANGUAGE, Text, UserText, _, lines
from storage import Conflict, reviews
from storage.applications import OPEN
from storage.database import Db


async def ask_back(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    """Ask the founder to change single items, with a note on each; the rest of the application stays closed."""
    if row.status not in OPEN:
        talk.say(_("This application is closed."))
        return
    fields = {
        id: field.label
        for id, field in programme.form.fields.items()
        if requirements.applies(field, row.applicant, row.answers) and field.consent is None
    }
    documents = {id: document.label for id, (document, _need) in requirements.needed(programme, row.applicant).items()}
    labels: dict[str, Text] = {**documents, **fields}
    prompt = _("What should the founder of {ref} change? Choose one or more.", ref=row.reference)
    chosen = await talk.ask("items", several(prompt, labels, most=len(labels)))
    notes = {}
    language = IN_LANGUAGE.get(row.language, IN_LANGUAGE["fr"])
    for id in chosen:
        ask = _(
            "{item}: what is missing, or should be different? Please write {language}.",
            item=labels[id],
            language=language,
        )
        notes[id] = await talk.ask(f"note_{id}"[:40], titled(text(ask, shortest=5, longest=500), labels[id]))
    rules = programme.review
    until = talk.today + timedelta(days=rules.change_days if rules is not None else 10)
    asked = lines([_("• {item}: {note}", item=labels[id], note=UserText(note)) for id, note in notes.items()])
    sure = lines([_("The founder will read this, and can answer until {day}:", day=until), asked])
    if not await talk.ask("send", yes_no(sure, yes=_("Send it"), no=_("No, leave it"))):
        talk.say(_("Nothing was sent."))
        talk.offer(_("Back to the file"), f"/file {row.reference}")
        return
    try:
        await reviews.ask(
            db, row.id, talk.person.id, {id: (note, row.answers.get(id)) for id, note in notes.items()}, until, talk.now
        )
    except Conflict:
        talk.say(_("This application is closed."))
        return
    await reminders.of_items(db, programme, row.person_id, row.id, until, talk.now)
    name = str(row.answers.get("full_name") or "").split(" ")[0]
    hello = _(
        "Hello {name}, the team asks you for the following in your application {ref}, by {day}:",
        name=name,
        ref=row.reference,
        day=until,
    )
    told = lines(
        [
            hello
            if name
            else _(
                "The team asks you for the following in your application {ref}, by {day}:", ref=row.reference, day=until
            ),
            asked,
        ]
    )
    buttons = [(_("Answer now"), f"/changes {row.reference}"), (_("Talk to the team"), "/human")]
    purpose = f"items:{row.reference}:{int(talk.now.timestamp())}"
    sent = await notices.tell(db, talk, row.person_id, told, buttons, purpose=purpose)
    talk.say(
        _("Sent to the founder. You will be told when it is answered.")
        if sent
        else _("Kept; but no channel reaches this founder just now.")
    )
    talk.offer(_("Back to the file"), f"/file {row.reference}")
    talk.offer(_("Next application"), "/queue")
