"""Who is told what of an application."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from handlers.actor import Actor
from handlers.applications import commands, words
from handlers.notices.tell import tell
from handlers.programme.model import Programme
from handlers.rights import READERS, TEAM, concerns, sectors_of
from handlers.talk.words import Text, _
from storage import change_requests, people
from storage.applications import Application
from storage.database import Db


async def new_application(db: Db, by: Actor, programme: Programme, application: Application) -> None:
    """The team and the reviewers of its sector learn of it."""
    text = words.new(programme, application)
    for person, profile in (await people.profiles(db, *READERS)).items():
        if person != application.person_id and concerns(application.answers, sectors_of(profile)):
            await _tell_reader(db, by, application, person, text, f"new:{application.reference}:{person}")


async def status_changed(
    db: Db, by: Actor, programme: Programme, application: Application, status: str, note: str = ""
) -> bool:
    """The founder learns the new status, and what the team wrote with it; False if no channel reaches them."""
    text = words.told_status(programme, words.first_name(application), application.reference, status, note)
    purpose = f"status:{application.reference}:{status}:{int(by.now.timestamp())}"
    return await _tell_founder(db, by, application, text, words.onward(programme, status), purpose)


async def changes_requested(
    db: Db, by: Actor, programme: Programme, application: Application, notes: Mapping[str, str], until: date
) -> bool:
    """The founder learns what the team asks them to change; False if no channel reaches them."""
    text = words.changes_requested(programme, application, notes, until)
    ways = [(_("Answer now"), f"/changes {application.reference}"), (_("Talk to the team"), "/human")]
    purpose = f"items:{application.reference}:{int(by.now.timestamp())}"
    return await _tell_founder(db, by, application, text, ways, purpose)


async def changes_made(
    db: Db, by: Actor, programme: Programme, application: Application, answered: Collection[int]
) -> None:
    """Whoever asked for these changes, and the team, read what the founder has made of them."""
    requests = [request for request in await change_requests.of(db, application.id) if request.id in answered]
    text = words.changed(programme, application, requests)
    team = {person for person, _language in await people.with_role(db, *TEAM)}
    for person in team | {request.asked_by for request in requests if request.asked_by is not None}:
        purpose = f"changed:{application.reference}:{max(answered)}:{person}"
        await _tell_reader(db, by, application, person, text, purpose)


async def _tell_founder(
    db: Db, by: Actor, application: Application, text: Text, ways: Sequence[tuple[Text, str]], purpose: str
) -> bool:
    founder = application.person_id
    return founder is not None and await tell(db, by, founder, text, ways, purpose=purpose)


async def _tell_reader(db: Db, by: Actor, application: Application, person: int, text: Text, purpose: str) -> None:
    ways = [(_("Open it"), commands.file(application.reference))]
    await tell(db, by, person, text, ways, purpose=purpose, about=application.person_id)
