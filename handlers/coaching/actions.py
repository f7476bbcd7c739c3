"""What is done with sessions, waiting lines and coaches' hours, by whoever may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.actor import Actor
from handlers.coaching import calendar_entry, commands, slots, words
from handlers.coaching.reminders import FOUNDERS, plan
from handlers.coaching.slots import Slot
from handlers.coaching.words import local, rules_of, show_coach, tell_coach, tell_founder
from handlers.notices.tell import tell, tell_team
from handlers.programme.model import Programme
from handlers.rights import Act, may, require
from handlers.talk.message import Enclosed, File
from handlers.talk.words import Text, UserText, _, lines, paragraphs
from storage import Conflict, coaches, people, purposes, reminders, sessions, waits
from storage.database import Db
from storage.purposes import Purpose
from storage.sessions import Session
from storage.waits import Line, Wait

BEGUN = ("confirmed", "done", "no_show")  # what a session can be once it has begun
MOST_FILES = 5  # of a founder for one session
AHEAD = timedelta(days=120)  # so far ahead booked sessions are named when hours close


class NotTheirs(LookupError):
    """There is no such session, line or coach, or it is not theirs."""


class TooMany(Exception):
    """They have as many as one may have: sessions to come, documents for one session."""


class TooLate(Exception):
    """So near to a session only the team can change it."""


# founders -----------------------------------------------------------------------------------------------------------


async def book(
    db: Db, actor: Actor, programme: Programme, topic: str, slot: Slot, place: str, *, goal: str = ""
) -> Session:
    """Book a free slot, or one that the waiting list holds for them. It is to be confirmed (state "asked") where the
    programme wants that, or after absences. Conflict if the slot is not free; TooMany."""
    require(actor, Act.BOOK)
    rules = rules_of(programme)
    if len(await sessions.of_founder(db, actor.person, actor.now)) >= rules.per_founder:
        raise TooMany
    line = Line(waits.COACHING, topic)
    mine = await waits.locked(db, actor.person)
    held = any(wait.line == line and slots.held_for(wait, actor.now) == slot for wait in mine)
    await coaches.lock(db, slot.coach)
    if not held and slot not in (await slots.calendar(db, programme, actor.person, actor.now)).of(topic):
        raise Conflict
    asked = rules.approval or await sessions.no_shows(db, actor.person) >= rules.no_shows
    when = slots.when(slot, rules, programme.zone)
    id = await sessions.book(db, actor.person, slot.coach, topic, place, when, actor.now, goal=goal, asked=asked)
    await waits.leave(db, actor.person, line)
    session = await _session(db, id)
    await _give_back(db, actor, programme, session, mine)
    await plan(db, programme, session, actor.now)
    await _tell_of_booking(db, actor, programme, session)
    return session


async def _give_back(db: Db, actor: Actor, programme: Programme, session: Session, mine: Sequence[Wait]) -> None:
    """What is held for them in a line of another topic, at a time that they have just taken, goes to the next."""
    for wait in mine:
        slot = slots.held_by(wait)
        if slot is not None and slots.clash(slot, session, rules_of(programme)):
            await waits.let_go(db, wait.id, actor.now)


async def _tell_of_booking(db: Db, actor: Actor, programme: Programme, session: Session) -> None:
    expects = [_("Expects: {words}", words=session.goal)] if session.goal else []
    asks = _("A founder asks for a session; please accept or decline it:")
    if session.state != "asked":
        await tell_coach(db, actor, programme, session, _("A new session:"), *expects)
    elif rules_of(programme).approval:
        await tell_coach(db, actor, programme, session, asks, *expects)
    else:  # the team decides, after absences
        ways = [(_("Open it"), commands.session(session.id))]
        text = lines([asks, words.line(programme, session)])
        await tell_team(db, actor, text, ways, purpose=purposes.purpose(Purpose.SESSION, session.id, "team"))


async def move(db: Db, actor: Actor, programme: Programme, id: int, slot: Slot) -> Session:
    """Another slot for a session of theirs. Conflict if it is not free; TooLate."""
    require(actor, Act.BOOK)
    rules, before = rules_of(programme), await _changeable(db, actor, programme, id)
    mine = await waits.locked(db, actor.person)
    await coaches.lock(db, slot.coach)
    calendar = await slots.calendar(db, programme, actor.person, actor.now, but=id)
    if slot not in calendar.of(before.topic):
        raise Conflict
    place = slot.place if slot.place != "both" else before.place
    when = slots.when(slot, rules, programme.zone)
    await sessions.move(db, id, slot.coach, place, when, actor.now, actor=actor.person)
    session = await _session(db, id)
    await _give_back(db, actor, programme, session, mine)
    await plan(db, programme, session, actor.now)
    if session.coach_id != before.coach_id:
        away = _("The founder has moved this session to another coach:")
        await tell_coach(db, actor, programme, before, away)
    moved = _("A session has moved; it was on {moment}:", moment=local(before.starts_at, programme))
    await tell_coach(db, actor, programme, session, moved)
    return session


async def cancel(db: Db, actor: Actor, programme: Programme, id: int) -> Session:
    """Cancel a session of theirs. TooLate."""
    require(actor, Act.BOOK)
    before = await _changeable(db, actor, programme, id)
    await sessions.end(db, id, "cancelled", actor.now, actor=actor.person)
    await reminders.cancel(db, id, FOUNDERS)
    await tell_coach(db, actor, programme, before, _("The founder has cancelled this session:"))
    return await _session(db, id)


async def explain(db: Db, actor: Actor, programme: Programme, id: int, reason: str) -> None:
    """Tell the coach why a session of theirs was cancelled. NotTheirs; Conflict if they did not cancel it, or have said why."""
    require(actor, Act.BOOK)
    session = await _session(db, id)
    if session.founder_id != actor.person:
        raise NotTheirs(id)
    if not await sessions.explain(db, id, actor.person, reason, actor.now):
        raise Conflict
    why = _("Reason: {words}", words=reason)
    await tell_coach(db, actor, programme, session, _("The founder has cancelled this session:"), why)


async def confirm(db: Db, actor: Actor, programme: Programme, id: int) -> None:
    """The founder will come."""
    require(actor, Act.BOOK)
    session = await _own(db, actor, id)
    await sessions.come(db, id, actor.now)
    await tell_coach(db, actor, programme, session, _("The founder confirms:"))


async def run_late(db: Db, actor: Actor, programme: Programme, id: int) -> None:
    """The founder will be a little late."""
    require(actor, Act.BOOK)
    session = await _own(db, actor, id)
    await tell_coach(db, actor, programme, session, _("The founder will be a little late:"))


async def send_documents(db: Db, actor: Actor, programme: Programme, id: int, files: Sequence[File]) -> None:
    """What the coach should read before a session. TooMany."""
    require(actor, Act.BOOK)
    session = await _own(db, actor, id)
    if len(session.files) + len(files) > MOST_FILES:
        raise TooMany
    await sessions.add_files(db, id, [*session.files, *(file.id for file in files)], actor.now)
    for file in files:
        await show_coach(db, actor, programme, session, file)


async def rate(db: Db, actor: Actor, programme: Programme, id: int, rating: int) -> None:
    """How a session was, from 1 to 5."""
    require(actor, Act.BOOK)
    await _begun(db, actor, id)
    await sessions.rate(db, id, rating, actor.now)


async def comment(db: Db, actor: Actor, programme: Programme, id: int, comment: str) -> None:
    """How a session was, in the founder's words."""
    require(actor, Act.BOOK)
    await _begun(db, actor, id)
    await sessions.comment(db, id, comment, actor.now)


async def join_line(db: Db, actor: Actor, programme: Programme, topic: str) -> int:
    """Wait for a session on a topic; their position in the line, from 1."""
    require(actor, Act.BOOK)
    return await waits.join(db, actor.person, Line(waits.COACHING, topic), actor.now)


async def leave_line(db: Db, actor: Actor, programme: Programme, wait: int) -> None:
    """Wait no longer."""
    require(actor, Act.BOOK)
    await waits.leave(db, actor.person, (await _own_wait(db, actor, wait)).line)


async def refuse_offer(db: Db, actor: Actor, programme: Programme, wait: int) -> bool:
    """Not this slot: it goes to the next in line, and they stand at the end. False if nothing is held for them."""
    require(actor, Act.BOOK)
    return await waits.let_go(db, (await _own_wait(db, actor, wait)).id, actor.now)


async def _session(db: Db, id: int) -> Session:
    session = await sessions.one(db, id)
    if session is None:
        raise NotTheirs(id)
    return session


async def _own(db: Db, actor: Actor, id: int) -> Session:
    """A session of this founder that is not over."""
    session = await _session(db, id)
    if session.founder_id != actor.person or session.state not in sessions.LIVE or session.ends_at <= actor.now:
        raise NotTheirs(id)
    return session


async def _changeable(db: Db, actor: Actor, programme: Programme, id: int) -> Session:
    session = await _own(db, actor, id)
    if slots.too_late(session, rules_of(programme), actor.now):
        raise TooLate
    return session


async def _begun(db: Db, actor: Actor, id: int) -> None:
    session = await _session(db, id)
    if session.founder_id != actor.person or session.starts_at > actor.now:
        raise NotTheirs(id)


async def _own_wait(db: Db, actor: Actor, id: int) -> Wait:
    wait = next((wait for wait in await waits.of_person(db, actor.person) if wait.id == id), None)
    if wait is None:
        raise NotTheirs(id)
    return wait


# coaches, and the team for them -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What came of telling a founder: if no channel reaches them, the team has been told."""

    reached: bool
    documents: tuple[Enclosed, ...] = ()  # that go with it: whoever acts keeps their bytes


async def accept(db: Db, actor: Actor, programme: Programme, id: int) -> Told:
    """Confirm a session that a founder asks for. Conflict if it is not asked for (any more)."""
    require(actor, Act.HANDLE_SESSION)
    await _handled(db, actor, id)
    await sessions.end(db, id, "confirmed", actor.now, actor=actor.person, of=("asked",))
    session = await _session(db, id)
    await plan(db, programme, session, actor.now)
    rules = rules_of(programme)
    text = paragraphs([words.said(programme, rules.confirmed, session), programme.say(rules.prepare)])
    ways: list[tuple[Text, str]] = [
        (_("My bookings"), "/bookings"),
        (_("Send a document"), commands.own_session("document", id)),
    ]
    return await _tell(db, actor, session, text, ways, await _entry(db, actor, programme, session))


async def warn_of_delay(db: Db, actor: Actor, programme: Programme, id: int) -> Told:
    """The coach will be a little late."""
    require(actor, Act.HANDLE_SESSION)
    session = await _live(db, actor, id)
    text = _("Your coach {coach} is running a little late for your session. Please wait a moment.", coach=session.coach)
    return await _tell(db, actor, session, text)


async def ask_for_another_time(db: Db, actor: Actor, programme: Programme, id: int) -> Told:
    """Ask the founder to take another time; this one is given up only when they do."""
    require(actor, Act.HANDLE_SESSION)
    session = await _live(db, actor, id)
    text = _(
        "Your coach {coach} cannot make it on {moment} and asks you to choose another time.",
        coach=session.coach,
        moment=local(session.starts_at, programme),
    )
    ways: list[tuple[Text, str]] = [
        (_("Choose another time"), commands.own_session("move", id)),
        (_("Cancel it"), commands.own_session("cancel", id)),
    ]
    return await _tell(db, actor, session, text, ways)


async def call_off(db: Db, actor: Actor, programme: Programme, id: int, *, reason: str = "") -> Told:
    """Decline a session that is asked for, or cancel one; the founder reads why. Conflict if it is over."""
    require(actor, Act.HANDLE_SESSION)
    before = await _live(db, actor, id)
    state = "declined" if before.state == "asked" else "cancelled"
    await sessions.end(db, id, state, actor.now, actor=actor.person, reason=reason)
    await reminders.cancel(db, id, FOUNDERS)
    why: Text = UserText(reason) if reason else _("the coach cannot make it")
    text = words.said(programme, rules_of(programme).cancelled, before, reason=why)
    ways = [(_("Book a session"), commands.book(before.topic)), (_("Talk to the team"), "/human")]
    # of one that was only asked for they have no entry
    entry = await _entry(db, actor, programme, await _session(db, id)) if before.state == "confirmed" else None
    return await _tell(db, actor, before, text, ways, entry)


async def write_notes(db: Db, actor: Actor, programme: Programme, id: int, notes: str, steps: str) -> Told | None:
    """Keep the coach's notes, and what comes next, which the founder is told if it is new; None if nobody is told.
    The session took place. Conflict if it was cancelled."""
    require(actor, Act.HANDLE_SESSION)
    before = await _begun_of_coach(db, actor, id)
    await sessions.write_notes(db, id, notes, steps, actor.now)
    if not steps or steps == before.steps:
        return None
    text = _(
        "After your session “{topic}”, your next steps: {words}",
        topic=words.topic(programme, before.topic),
        words=steps,
    )
    return await _tell(db, actor, before, text)


async def note_absence(db: Db, actor: Actor, programme: Programme, id: int) -> Told:
    """The founder did not come. Conflict if the session was cancelled."""
    require(actor, Act.HANDLE_SESSION)
    session = await _begun_of_coach(db, actor, id)
    await sessions.end(db, id, "no_show", actor.now, actor=actor.person, of=BEGUN)
    await reminders.cancel(db, id, FOUNDERS)
    day = local(session.starts_at, programme).date()
    text = _("We missed you at your session of {day}. If something came up, you can book another one.", day=day)
    return await _tell(db, actor, session, text, [(_("Book a session"), commands.book(session.topic))])


async def _handled(db: Db, actor: Actor, id: int) -> Session:
    """A session of this coach; any, for the team."""
    session = await _session(db, id)
    if session.coach_id != actor.person and not may(actor.roles, Act.SEE_COACHES):
        raise NotTheirs(id)
    return session


async def _live(db: Db, actor: Actor, id: int) -> Session:
    session = await _handled(db, actor, id)
    if session.state not in sessions.LIVE:
        raise Conflict
    return session


async def _begun_of_coach(db: Db, actor: Actor, id: int) -> Session:
    session = await _handled(db, actor, id)
    if session.state not in BEGUN or session.starts_at > actor.now:
        raise Conflict
    return session


async def _entry(db: Db, actor: Actor, programme: Programme, session: Session) -> Enclosed | None:
    return await calendar_entry.entry_for_founder(db, actor, programme, session)


async def _tell(
    db: Db,
    actor: Actor,
    session: Session,
    text: Text,
    buttons: Sequence[tuple[Text, str]] = (),
    entry: Enclosed | None = None,
) -> Told:
    """Tell the founder; if no channel reaches them any more, the team hears of it."""
    file = entry.file if entry is not None else None
    reached = await tell_founder(db, actor, session, text, buttons, file=file)
    if not reached:
        unreached = _("A founder cannot be reached about session {n}; please call them.", n=session.id)
        ways = [(_("Open it"), commands.session(session.id))]
        purpose = f"unreached:{session.id}:{int(actor.now.timestamp())}"
        await tell_team(db, actor, unreached, ways, purpose=purpose)
    return Told(reached, (entry,) if entry is not None else ())


# what a coach offers, and when --------------------------------------------------------------------------------------


async def make_coach(db: Db, actor: Actor, programme: Programme, person: int) -> None:
    """Give somebody the role of a coach, and ask them what they offer."""
    require(actor, Act.INVITE)
    await people.grant(db, person, "coach", actor.now, actor=actor.person)
    text = _("You are a coach here now. Tell me what you offer, then open your hours.")
    await tell(db, actor, person, text, [(_("My coaching profile"), "/profile")])


async def keep_profile(
    db: Db,
    actor: Actor,
    programme: Programme,
    *,
    name: str,
    topics: Sequence[str],
    languages: Sequence[str],
    link: str,
    per_week: int,
) -> None:
    """What the coach offers: founders can book them as soon as they open hours. `per_week`: 0 for no limit."""
    require(actor, Act.COACH)
    await coaches.keep(
        db,
        actor.person,
        actor.now,
        actor=actor.person,
        name=name,
        topics=topics,
        languages=languages,
        link=link,
        per_week=per_week,
    )


async def pause(db: Db, actor: Actor, programme: Programme, *, away: bool) -> None:
    """Take no new bookings, or take them again. Sessions already booked stay."""
    require(actor, Act.COACH)
    await _profile(db, actor)
    await coaches.keep(db, actor.person, actor.now, actor=actor.person, away=away)


async def open_weekly(
    db: Db,
    actor: Actor,
    programme: Programme,
    weekday: int,
    start: int,
    end: int,
    place: str,
    since: date | None = None,
    until: date | None = None,
) -> None:
    """Receive every week at these minutes after midnight, between two dates if they are given."""
    require(actor, Act.COACH)
    await _profile(db, actor)
    await coaches.open_weekly(db, actor.person, weekday, start, end, place, since, until)


async def close_hours(db: Db, actor: Actor, programme: Programme, id: int) -> None:
    """Receive at these weekly hours no more."""
    require(actor, Act.COACH)
    await coaches.close_weekly(db, actor.person, id)


async def close_weekday(db: Db, actor: Actor, programme: Programme, weekday: int) -> list[Session]:
    """Receive on this weekday no more; the sessions booked on it, which stay."""
    require(actor, Act.COACH)
    for row in await coaches.hours(db, actor.person):
        if row.weekday == weekday:
            await coaches.close_weekly(db, actor.person, row.id)
    return [one for one in await _booked(db, actor) if local(one.starts_at, programme).weekday() == weekday]


async def open_day(db: Db, actor: Actor, programme: Programme, day: date, start: int, end: int, place: str) -> None:
    """Receive on one day more."""
    require(actor, Act.COACH)
    await _profile(db, actor)
    await coaches.set_day(db, actor.person, day, start, end, place)


async def close_day(db: Db, actor: Actor, programme: Programme, day: date) -> list[Session]:
    """Not receive on one day; the sessions booked on it, which stay."""
    require(actor, Act.COACH)
    await _profile(db, actor)
    await coaches.set_day(db, actor.person, day)
    return [one for one in await _booked(db, actor) if local(one.starts_at, programme).date() == day]


async def _booked(db: Db, actor: Actor) -> list[Session]:
    return await sessions.of_coach(db, actor.person, actor.now, actor.now + AHEAD, sessions.LIVE)


async def _profile(db: Db, actor: Actor) -> None:
    if await coaches.one(db, actor.person) is None:
        raise NotTheirs(actor.person)
