"""/hours: when a coach receives: every week, on one more day, or not at all; in one sentence or by buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from handlers.actor import Actor, by_chat
from handlers.coaching import actions, commands, words
from handlers.coaching.hours_reading import Wish, read_wish
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.kinds.text import text
from handlers.talk.message import Json
from handlers.talk.question import Misread, Question, Reply, Stale, passing
from handlers.talk.talk import Talk
from handlers.talk.when import Unclear
from handlers.talk.words import Day, Text, Verbatim, Weekday, _, lines, paragraphs
from storage import coaches
from storage.coaches import DayThatDiffers, Hours
from storage.database import Db
from storage.sessions import Session


async def hours(talk: Talk, db: Db, programme: Programme) -> None:
    if await coaches.one(db, talk.person.id) is None:
        talk.go("/profile")
        return
    rows = await coaches.hours(db, talk.person.id)
    days = await coaches.days(db, talk.today, talk.today + timedelta(days=120), talk.person.id)
    told = paragraphs([_listed(rows, days), _EXAMPLES])
    wish = await talk.ask("wish", _wish_question(talk, told, rows))
    booked = await _change(db, by_chat(talk), programme, wish)
    talk.say(_("Done."))
    rows = await coaches.hours(db, talk.person.id)
    days = await coaches.days(db, talk.today, talk.today + timedelta(days=120), talk.person.id)
    talk.say(_listed(rows, days))
    if booked:  # closing hours cancels nothing
        stay = _("These sessions are booked then and stay, unless you change them:")
        talk.say(lines([stay, *(words.line(programme, session) for session in booked)]))
        for session in booked[:3]:
            talk.offer(words.line(programme, session), commands.session(session.id))
    talk.offer(_("Change something else"), "/hours")
    talk.offer(_("My agenda"), "/agenda")


async def _change(db: Db, actor: Actor, programme: Programme, wish: Wish | int) -> list[Session]:
    """Do as they wish; the sessions that are booked at what is closed now."""
    match wish:
        case int(id):
            await actions.close_hours(db, actor, programme, id)
        case Wish(opens=True, weekday=int(weekday), start=int(start), end=int(end)):
            dates = wish.since, wish.until
            await actions.open_weekly(db, actor, programme, weekday, start, end, wish.place, *dates)
        case Wish(opens=True, day=date() as day, start=int(start), end=int(end)):
            await actions.open_day(db, actor, programme, day, start, end, wish.place)
        case Wish(opens=False, weekday=int(weekday)):
            return await actions.close_weekday(db, actor, programme, weekday)
        case Wish(opens=False, day=date() as day):
            return await actions.close_day(db, actor, programme, day)
    return []


_EXAMPLES = lines(
    [
        _("Write what changes, for example:"),
        _("• Monday 9:00-12:00"),
        _("• Thursday 14:00-17:00 online"),
        _("• closed on 27/11"),
        _("• open on 28/11 9:00-12:00"),
        _("• Monday 10:00-13:00 from 8/2 to 9/3 (Ramadan)"),
    ]
)


def _listed(rows: Sequence[Hours], days: Sequence[DayThatDiffers]) -> Text:
    texts: list[Text] = [_("You receive:") if rows else _("You have no hours yet.")]
    for row in rows:
        where = _PLACES[row.place]
        span = Verbatim(f"{_clock(row.start)}-{_clock(row.end)}")
        if row.since is not None and row.until is not None:
            texts.append(
                _(
                    "• {weekday} {hours}, {place}, from {since} to {until}",
                    weekday=Weekday(row.weekday),
                    hours=span,
                    place=where,
                    since=row.since,
                    until=row.until,
                )
            )
        else:
            texts.append(_("• {weekday} {hours}, {place}", weekday=Weekday(row.weekday), hours=span, place=where))
    for differs in days:
        day = Day(differs.day)
        if differs.start is None or differs.end is None:
            texts.append(_("• {day}: closed", day=day))
        else:
            span = Verbatim(f"{_clock(differs.start)}-{_clock(differs.end)}")
            place = _PLACES[differs.place or "site"]
            texts.append(_("• {day}: also {hours}, {place}", day=day, hours=span, place=place))
    return lines(texts)


_PLACES: dict[str, Text] = {"site": _("on site"), "online": _("online"), "both": _("on site or online")}


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def _wish_question(talk: Talk, told: Text, rows: Sequence[Hours]) -> Question[Wish | int]:
    """A sentence, or the hours to close by their button."""
    options = {
        f"close {row.id}": _("Close {weekday} {hours}", weekday=Weekday(row.weekday), hours=Verbatim(_clock(row.start)))
        for row in rows[:8]
    }
    closing = choice(told, options)

    def read(heard: Reply) -> Wish | int:
        if heard.value in options:
            return int(heard.value.partition(" ")[2])
        try:
            return read_wish(heard.text, talk.today)
        except (ValueError, Unclear):
            raise Misread(
                _("I could not read this. Please write a day and hours, for example “Monday 9:00-12:00”.")
            ) from None

    def load(kept: Json) -> Wish | int:
        match kept:
            case int(id):
                return id
            case [bool(opens), weekday, day, start, end, str(place), since, until]:
                found: list[Any] = [opens, weekday, _date(day), start, end, place, _date(since), _date(until)]
                return Wish(*found)
        raise Stale

    def keep(wish: Wish | int) -> Json:
        if isinstance(wish, int):
            return wish
        return [
            wish.opens,
            wish.weekday,
            _iso(wish.day),
            wish.start,
            wish.end,
            wish.place,
            _iso(wish.since),
            _iso(wish.until),
        ]

    shown = passing(text(told))
    return Question(shown.prompt, read, load, keep, lambda _wish: told, closing.options, passing=True, open="text")


def _date(kept: Json) -> date | None:
    return date.fromisoformat(kept) if isinstance(kept, str) else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
