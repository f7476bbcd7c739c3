"""The question which free slot: some are shown, any other may be typed as a day and a time, and is confirmed by a button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from handlers.coaching import slots
from handlers.coaching.slots import Calendar, Slot
from handlers.coaching.words import local
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.message import Json
from handlers.talk.question import Misread, Offer, Option, Question, Reply, Stale
from handlers.talk.talk import Talk
from handlers.talk.when import Unclear, read_moment
from handlers.talk.words import Text, Time, _, lines, paragraphs


def slot_question(
    talk: Talk,
    programme: Programme,
    calendar: Calendar,
    every: Sequence[Slot],
    shown: Sequence[Slot],
    more: Mapping[str, Text],
) -> Question[str]:
    """One of the times shown, or any other that is free, typed as a day and a time and then confirmed by a button."""
    by_id = {slot.id: slot for slot in every}
    options = [Option(slot.id, Time(local(slot.starts_at, programme), day=True)) for slot in shown]
    listed = lines(
        _("• {moment}, with {coach}", moment=local(slot.starts_at, programme), coach=calendar.coaches[slot.coach].name)
        for slot in shown
    )
    asked = choice(
        paragraphs([_("Here are the free slots. Which one do you choose?"), listed]),
        [*options, *(Option(id, label) for id, label in more.items())],
    )

    def read(heard: Reply) -> str:
        try:
            return asked.read(heard)
        except Misread:
            if not heard.text:
                raise
        try:
            day, minute = read_moment(heard.text, talk.today)
        except Unclear as unclear:
            found = [slot for day in unclear.readings for slot in _on(programme, calendar, every, day, None)[:2]]
            if found:
                raise Misread(_("Just to be sure: which one do you mean?"), *_offers(programme, found)) from None
            raise Misread(
                _("Please choose one of the times, or write a day and a time, for example “tomorrow 10:00”.")
            ) from None
        found = _on(programme, calendar, every, day, minute)
        if found and minute is not None and len(found) == 1:
            raise Misread(_("This time is free. Do you take it?"), *_offers(programme, found))
        if found:
            raise Misread(_("Here is what is free then:"), *_offers(programme, found[:6]))
        near = sorted(every, key=lambda slot: abs(slot.starts_at - _wanted(programme, talk.today, day, minute)))[:3]
        raise Misread(
            _("That time is not free. These are the nearest:"),
            *_offers(programme, sorted(near, key=lambda slot: slot.starts_at)),
        )

    def load(kept: Json) -> str:
        if kept in by_id or kept in more:
            return str(kept)
        raise Stale(_("This slot has just been taken. Here are the nearest ones:"))

    def show(value: str) -> Text:
        slot = by_id.get(value)
        return more[value] if slot is None else Time(local(slot.starts_at, programme), day=True)

    return replace(asked, read=read, load=load, show=show, title=_("Time"), open="text")


def _on(
    programme: Programme, calendar: Calendar, every: Sequence[Slot], day: date | None, minute: int | None
) -> list[Slot]:
    """The best free slots of a day, or at a time."""
    found = []
    for slot in calendar.best(every):
        at = local(slot.starts_at, programme)
        if (day is None or at.date() == day) and (minute is None or at.hour * 60 + at.minute == minute):
            found.append(slot)
    return found


def _wanted(programme: Programme, today: date, day: date | None, minute: int | None) -> datetime:
    return slots.instant(day or today + timedelta(days=1), 600 if minute is None else minute, programme.zone)


def _offers(programme: Programme, found: Sequence[Slot]) -> list[Offer]:
    return [Offer(Time(local(slot.starts_at, programme), day=True), slot.id) for slot in found]
