"""Who is told what of an application."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from handlers.actor import Actor
from handlers.applications import commands, words
from handlers.notices.tell import Notice, tell
from handlers.programme.model import Programme
from handlers.rights import READERS, TEAM, concerns, sectors_of
from handlers.talk.words import Text, _
from storage import change_requests, people
from storage.applications import Application
from storage.change_requests import ChangeRequest
from storage.database import Db


async def new_application(db: Db, by: Actor, programme: Programme, application: Application) -> None:
    """The team and the reviewers of its sector learn of it."""
    notice = new(programme, application)
    for person, profile in (await people.profiles(db, *READERS)).items():
        if person != application.person_id and concerns(application.answers, sectors_of(profile)):
            await _tell_reader(db, by, application, person, notice, f"new:{application.reference}:{person}")


async def status_changed(
    db: Db, by: Actor, programme: Programme, application: Application, status: str, note: str = ""
) -> bool:
    """The founder learns the new status, and what the team wrote with it; False if no channel reaches them."""
    notice = decided(programme, words.first_name(application), application.reference, status, note)
    purpose = f"status:{application.reference}:{status}:{int(by.now.timestamp())}"
    return await _tell_founder(db, by, application, notice, purpose)


async def changes_requested(
    db: Db, by: Actor, programme: Programme, application: Application, notes: Mapping[str, str], until: date
) -> bool:
    """The founder learns what the team asks them to change; False if no channel reaches them."""
    purpose = f"items:{application.reference}:{int(by.now.timestamp())}"
    return await _tell_founder(db, by, application, to_change(programme, application, notes, until), purpose)


async def changes_made(
    db: Db, by: Actor, programme: Programme, application: Application, answered: Collection[int]
) -> None:
    """Whoever asked for these changes, and the team, read what the founder has made of them."""
    requests = [request for request in await change_requests.of(db, application.id) if request.id in answered]
    notice = changed(programme, application, requests)
    team = {person for person, _language in await people.with_role(db, *TEAM)}
    for person in team | {request.asked_by for request in requests if request.asked_by is not None}:
        purpose = f"changed:{application.reference}:{max(answered)}:{person}"
        await _tell_reader(db, by, application, person, notice, purpose)


async def _tell_founder(db: Db, by: Actor, application: Application, notice: Notice, purpose: str) -> bool:
    founder = application.person_id
    return founder is not None and await tell(db, by, founder, *notice, purpose=purpose)


async def _tell_reader(db: Db, by: Actor, application: Application, person: int, notice: Notice, purpose: str) -> None:
    await tell(db, by, person, *notice, purpose=purpose, about=application.person_id)


def new(programme: Programme, application: Application) -> Notice:
    """To those who read applications."""
    return Notice(words.new(programme, application), [_open(application)])


def decided(programme: Programme, first_name: str, reference: str, status: str, note: str) -> Notice:
    """To the founder: the new status, and what the team wrote with it."""
    return Notice(words.told_status(programme, first_name, reference, status, note), words.onward(programme, status))


def to_change(programme: Programme, application: Application, notes: Mapping[str, str], until: date) -> Notice:
    """To the founder: what the team asks them to change."""
    ways = [(_("Answer now"), f"/changes {application.reference}"), (_("Talk to the team"), "/human")]
    return Notice(words.changes_requested(programme, application, notes, until), ways)


def changed(programme: Programme, application: Application, requests: Sequence[ChangeRequest]) -> Notice:
    """To those who asked for it."""
    return Notice(words.changed(programme, application, requests), [_open(application)])


def _open(application: Application) -> tuple[Text, str]:
    return _("Open it"), commands.file(application.reference)


def notices(programme: Programme) -> list[Notice]:
    """Each of them, with samples for its parts; decisions with their ways onward, by name or without, with words or none."""
    moment = datetime(2026, 11, 26, 10, 0, tzinfo=programme.zone)
    application = Application(1, 1, "ABC-2026-0017", "", "submitted", {}, moment, moment, moment.date(), "", "fr")
    field = next(iter(programme.form.fields))
    request = ChangeRequest(1, field, "...", None, moment.date(), None, "...", moment)
    ways = {status: tuple(way for _label, way in words.onward(programme, status)) for status in programme.statuses}
    different = {onward: status for status, onward in ways.items()}
    return [
        new(programme, application),
        to_change(programme, application, {field: "..."}, moment.date()),
        changed(programme, application, [request]),
        *(
            decided(programme, name, application.reference, status, note)
            for status in different.values()
            for name in ("Salma", "")
            for note in ("", "...")
        ),
    ]
