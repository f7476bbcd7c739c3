"""/announce: an announcement in three languages, to exactly the right people. /announcements, /announcement 7: what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from handlers.announcements import words as announcing
from handlers.applications.form import options_of
from handlers.applications.words import LABELS, ROLE_NAMES
from handlers.coaching.words import outside_quiet_hours
from handlers.notices import tell as notices
from handlers.notices.tables import csv_of
from handlers.programme.model import Announcements, Programme
from handlers.talk.message import number_in
from handlers.talk.question import (
    Misread,
    Option,
    Question,
    choice,
    files,
    link,
    optional,
    passing,
    several,
    text,
    titled,
    yes_no,
)
from handlers.talk.talk import Talk
from handlers.talk.when import Unclear, read_moment
from handlers.talk.words import (
    IN_LANGUAGE,
    LANGUAGES,
    OWN_NAMES,
    Text,
    Time,
    UserText,
    Verbatim,
    _,
    lines,
    n_,
    paragraphs,
)
from storage import announcements as stored
from storage.announcements import Count
from storage.database import Db
from storage.people import ROLES

TITLE, BODY = 80, 2500  # letters
FURTHEST = timedelta(days=90)
TESTS = 20  # looks at an announcement before it must be sent or left


async def announce(talk: Talk, db: Db, programme: Programme) -> None:
    rules = programme.announcements
    if rules is None:
        talk.say(_("This programme has no announcements; they begin with a section “announcements” in its file."))
        return
    topic = await talk.ask("topic", titled(choice(_("What is the announcement about?"), rules.topics), _("Topic")))
    texts: dict[str, tuple[str, str]] = {}
    for code in sorted(LANGUAGES, key=lambda code: code != talk.person.language):  # the author's own first
        own, language = Verbatim(OWN_NAMES[code]), IN_LANGUAGE[code]
        title = await talk.ask(
            f"title_{code}",
            optional(
                titled(
                    text(
                        _("The title, {language}? Skip it if there is no text {language}.", language=language),
                        longest=TITLE,
                    ),
                    own,
                )
            ),
        )
        if title:
            words = await talk.ask(
                f"body_{code}",
                titled(text(_("The text, {language}?", language=language), shortest=10, longest=BODY), own),
            )
            texts[code] = title, words
    if not texts:
        talk.say(_("An announcement needs words in at least one language."))
        talk.offer(_("Begin again"), "/announce")
        return
    fallback = await _fallbacks(talk, db, topic, texts)
    sent = await talk.ask("file", optional(titled(files(_("A picture or a document with it?"), most=1), _("Document"))))
    address = await talk.ask("link", optional(titled(link(_("A link under it?")), _("Link"))))
    label = "more"
    if address:
        label = await talk.ask(
            "label", titled(choice(_("What should its button say?"), announcing.LINK_LABELS), _("Button"))
        )
    audience = await _audience(talk, programme)
    at = await _when(talk, rules)
    frame = programme.say(rules.frame)
    made = announcing.bodies(talk.languages, texts, fallback, sent[0] if sent else None, address, label, frame)
    counts = await stored.counted(db, audience, topic, list(made), talk.now)
    if await _checked(talk, rules, made, counts, at):
        await _send(talk, db, rules, topic, made, audience, counts, at)


async def _fallbacks(talk: Talk, db: Db, topic: str, texts: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """For each language without words: whose words its readers get, or none; chosen, never assumed."""
    chosen = {}
    for code in LANGUAGES:
        if code in texts:
            continue
        waiting = announcing.reached(await stored.counted(db, {"languages": [code]}, topic, LANGUAGES, talk.now))
        asked = n_(
            "There is no text {language}: {n} person reads it so. What shall they get?",
            "There is no text {language}: {n} people read it so. What shall they get?",
            waiting,
            language=IN_LANGUAGE[code],
        )
        options = {
            "none": _("Nothing"),
            **{other: _("The text {language}", language=IN_LANGUAGE[other]) for other in texts},
        }
        chosen[code] = await talk.ask(f"instead_{code}", titled(choice(asked, options), Verbatim(OWN_NAMES[code])))
    return {code: other for code, other in chosen.items() if other != "none"}


async def _audience(talk: Talk, programme: Programme) -> dict[str, Any]:
    """Everybody who agreed to announcements, or those among them whom filters leave."""
    all_or_some = {"all": _("Everybody who agreed"), "some": _("Only some of them")}
    if (
        await talk.ask(
            "for",
            titled(
                choice(_("For whom? It goes only to people who agreed to announcements."), all_or_some), _("For whom")
            ),
        )
        == "all"
    ):
        return {}
    every = _filters(programme)
    by = several(_("What do you choose them by?"), {name: title for name, (title, _choices) in every.items()})
    audience: dict[str, Any] = {}
    for name in await talk.ask("filters", titled(by, _("Chosen by"))):
        title, choices = every[name]
        if name == "seen_days":
            days: str = await talk.ask(name, titled(choice(_("Who wrote to us within the last …"), choices), title))
            audience[name] = int(days)
        else:
            audience[name] = await talk.ask(name, titled(several(_("{what}: which ones?", what=title), choices), title))
    return audience


def _filters(programme: Programme) -> dict[str, tuple[Text, Sequence[Option]]]:
    """What an audience can be chosen by, with its options; a question that this programme does not ask chooses nobody."""
    checks = programme.eligibility.questions
    found: dict[str, tuple[Text, Sequence[Option]]] = {}
    for name, question in (("sectors", "sector"), ("stages", "stage"), ("applicants", "applicant_type")):
        if question in checks:
            found[name] = checks[question].title, options_of(checks[question].options)
    found["statuses"] = (
        _("Application"),
        [Option("none", _("None yet")), *(Option(status, label) for status, label in LABELS.items())],
    )
    found["roles"] = _("Role"), [Option(role, ROLE_NAMES[role]) for role in ROLES]
    found["languages"] = _("Language"), [Option(code, Verbatim(OWN_NAMES[code])) for code in LANGUAGES]
    found["channels"] = _("Channel"), [Option(name, Verbatim(shown)) for name, shown in CHANNEL_NAMES.items()]
    found["seen_days"] = (
        _("Last seen"),
        [Option(str(days), n_("{n} day", "{n} days", days)) for days in (7, 30, 90, 365)],
    )
    return found


CHANNEL_NAMES = {"telegram": "Telegram", "whatsapp": "WhatsApp", "web": "Web"}


async def _when(talk: Talk, rules: Announcements) -> datetime:
    """The moment it goes out, UTC: now or at a wall time, never in the quiet hours."""
    options = {"now": _("As soon as I confirm"), "later": _("At a time I choose")}
    if await talk.ask("when", titled(choice(_("When shall it go out?"), options), _("When"))) == "now":
        return outside_quiet_hours(rules, talk.zone, talk.now)
    kept = await talk.ask("at", titled(_moment(talk), _("When")))
    return outside_quiet_hours(rules, talk.zone, datetime.fromisoformat(kept).replace(tzinfo=talk.zone).astimezone(UTC))


def _moment(talk: Talk) -> Question[str]:
    """A wall time to come, kept as ISO text."""

    def check(said: str) -> str:
        try:
            at = datetime.fromisoformat(said)  # kept already
        except ValueError:
            try:
                day, minute = read_moment(said, talk.today)
            except Unclear:
                raise Misread(_("Please write a day and a time, for example “tomorrow 10:00”.")) from None
            if minute is None:
                raise Misread(_("At what time? For example “tomorrow 10:00”.")) from None
            at = datetime.combine(day or talk.today, time(minute // 60, minute % 60))
        now = talk.now.astimezone(talk.zone).replace(tzinfo=None)
        if not now < at < now + FURTHEST:
            raise Misread(_("This moment has passed, or is too far away. Please choose one in the next 90 days."))
        return at.isoformat(timespec="minutes")

    from dataclasses import replace

    asked = text(_("On which day, and at what time? For example “tomorrow 10:00”."), check=check)
    return replace(asked, show=lambda kept: Time(datetime.fromisoformat(kept).replace(tzinfo=talk.zone), day=True))


async def _checked(
    talk: Talk, rules: Announcements, made: Mapping[str, Any], counts: Sequence[Count], at: datetime
) -> bool:
    """The send screen: exact numbers, the time it takes, a look at it on each channel; whether it shall go out."""
    people = announcing.reached(counts)
    said: list[Text] = [announcing.told(counts), _("Sending takes {time}.", time=announcing.lasting(counts))]
    if at > talk.now:
        said.append(_("It goes out on {moment}.", moment=at.astimezone(talk.zone)))
    if people > rules.approve_above:
        said.append(
            _("A second person of the team must approve it, as it is for more than {n} people.", n=rules.approve_above)
        )
    options: dict[str, Text] = {
        "send": n_("Send to {n} person", "Send to {n} people", people),
        "test": _("Test to myself"),
    }
    options |= {
        f"on_{name}": _("See it on {channel}", channel=Verbatim(CHANNEL_NAMES.get(name, name)))
        for name in _channels(counts)
    }
    options |= {"/edit": _("Change something"), "leave": _("Do not send")}
    if not people:
        del options["send"]
    for look in range(1, TESTS):
        wish = await talk.ask(f"send{look}", passing(choice(lines(said), options)))
        if wish in ("send", "leave"):
            if wish == "leave":
                talk.say(_("Nothing was sent."))
            return wish == "send"
        if talk.just(f"send{look}"):
            for body in {str(body): body for body in made.values()}.values():
                talk.show(body if wish == "test" else {**body, "as_on": wish.removeprefix("on_")})
    return False


def _channels(counts: Sequence[Count]) -> list[str]:
    return sorted({count.channel for count in counts if not count.reason and count.channel in CHANNEL_NAMES})


async def _send(
    talk: Talk,
    db: Db,
    rules: Announcements,
    topic: str,
    made: Mapping[str, Any],
    audience: Mapping[str, Any],
    counts: Sequence[Count],
    at: datetime,
) -> None:
    people = announcing.reached(counts)
    state = "asked" if people > rules.approve_above else "scheduled"
    id = await stored.add(db, talk.person.id, topic, made, audience, people, at, state, talk.now)
    if state == "asked":
        text_ = n_(
            "{name} has written an announcement for {n} person. Please look at it and approve it.",
            "{name} has written an announcement for {n} people. Please look at it and approve it.",
            people,
            name=talk.person.first_name or _("A colleague"),
        )
        reached = await notices.tell_team(
            db, talk, text_, [(_("Open it"), f"/announcement {id}")], purpose=f"approve:{id}", but={talk.person.id}
        )
        talk.say(_("Your colleagues are asked to approve it; it goes out when one of them has."))
        if not reached:
            talk.say(_("Nobody else of the team can be reached just now: invite a colleague."))
            talk.offer(_("Invite somebody"), "/invite")
    elif at > talk.now:
        talk.say(_("Scheduled for {moment}.", moment=at.astimezone(talk.zone)))
    else:
        talk.say(_("It is on its way. You will read here when it is done."))
    talk.offer(_("How far it is"), f"/announcement {id}")
    talk.offer(_("All announcements"), "/announcements")


# afterwards ---------------------------------------------------------------------------------------------------------


async def announcements(talk: Talk, db: Db, programme: Programme) -> None:
    rows = await stored.latest(db)
    options = [Option(f"/announcement {row.id}", _("No. {n}", n=row.id)) for row in rows]
    said = [
        _(
            "No. {n}, {day}: {title} ({state})",
            n=row.id,
            day=row.created_at.astimezone(talk.zone).date(),
            title=UserText(_title(row, talk.person.language)),
            state=announcing.STATES[row.state],
        )
        for row in rows
    ]
    await talk.ask(
        "which",
        choice(
            lines([_("Your announcements, the newest first:") if rows else _("No announcement yet."), *said]),
            [*options, Option("/announce", _("Write one"))],
        ),
    )


def _title(row: Any, language: str) -> str:
    body: dict[str, Any] = row.bodies.get(language) or next(iter(row.bodies.values()), {})
    return str(body.get("text", "")).partition("\n")[0].removeprefix("📣 ")


async def announcement(talk: Talk, db: Db, programme: Programme) -> None:
    """`/announcement 7`: how far it is; `/announcement 7 pause`: what can be done about it."""
    number, _space, wish = talk.argument.partition(" ")
    row = await stored.one(db, number_in(number))
    if row is None:
        talk.say(_("There is no such announcement."))
        talk.offer(_("All announcements"), "/announcements")
        return
    if wish == "file":
        rows = await stored.recipients(db, row.id)
        talk.about(*(one.person_id for one in rows))
        content = csv_of(announcing.table(talk.languages.get(talk.person.language) or talk.languages["fr"], rows))
        talk.send(
            f"announcement-{row.id}.csv", "text/csv", content, _("Every recipient of announcement no. {n}.", n=row.id)
        )
        return
    if wish == "again":
        await _again(talk, db, row)
        row = await stored.one(db, row.id)
    elif wish:
        await _act(talk, db, row, wish)
        row = await stored.one(db, row.id)
    for body in {str(body): body for body in row.bodies.values()}.values() if row.state == "asked" else ():
        talk.show(body)
    counts = await stored.report(db, row.id)
    said = [
        _("No. {n}: {state}", n=row.id, state=announcing.STATES[row.state]),
        n_("For {n} person.", "For {n} people.", row.size),
    ]
    if row.state == "scheduled":
        said.append(_("It goes out on {moment}.", moment=row.send_at.astimezone(talk.zone)))
    talk.say(lines([*said, announcing.report(counts)] if counts else said))
    if row.state == "done" and await stored.in_doubt(db, row.id, row.topic):
        talk.offer(_("Send again"), f"/announcement {row.id} again")
    for label, action in _actions(talk, row):
        talk.offer(label, f"/announcement {row.id} {action}".strip())
    talk.offer(_("All announcements"), "/announcements")


def _actions(talk: Talk, row: Any) -> list[tuple[Text, str]]:
    stop = (_("Stop it for good"), "stop")
    match row.state:
        case "asked" if row.author_id != talk.person.id:
            return [(_("Approve and send"), "approve"), (_("Do not approve"), "refuse")]
        case "asked" | "scheduled":
            return [stop]
        case "sending":
            return [(_("Pause"), "pause"), stop, (_("How far it is"), "")]
        case "paused":
            return [(_("Go on sending"), "resume"), stop]
    return [(_("Report as a file"), "file")]


async def _again(talk: Talk, db: Db, row: Any) -> None:
    """Once more to those of whom nobody knows whether they got it: it is asked, as some may read it twice."""
    doubtful = await stored.in_doubt(db, row.id, row.topic) if row.state == "done" else 0
    if not doubtful:
        talk.say(_("That is no longer possible; here is where it stands."))
        return
    asked = n_(
        "For {n} person it is not known whether it arrived. Send it again? They may then read it twice.",
        "For {n} people it is not known whether it arrived. Send it again? Some may then read it twice.",
        doubtful,
    )
    if not await talk.ask("again", yes_no(asked, yes=_("Yes, send again"), no=_("No"))):
        return
    await stored.again(db, row.id, row.topic, talk.person.id, talk.now)
    talk.say(_("It is on its way. You will read here when it is done."))


async def _act(talk: Talk, db: Db, row: Any, wish: str) -> None:
    """What a button of the report does; two people may press at once, and one is first."""
    moves = {
        "pause": (["sending"], "paused"),
        "resume": (["paused"], "sending"),
        "stop": (["asked", "scheduled", "sending", "paused"], "stopped"),
        "refuse": (["asked"], "refused"),
    }
    if wish == "approve":
        done = await stored.approve(db, row.id, talk.person.id, talk.now)
    elif wish in moves:
        done = await stored.move(db, row.id, talk.person.id, *moves[wish], talk.now)
    else:
        return
    if not done:
        talk.say(_("That is no longer possible; here is where it stands."))
    elif row.author_id is not None and row.author_id != talk.person.id:
        state = (await stored.one(db, row.id)).state
        told = paragraphs([_("Your announcement no. {n}: {state}", n=row.id, state=announcing.STATES[state])])
        await notices.tell(
            db,
            talk,
            row.author_id,
            told,
            [(_("Open it"), f"/announcement {row.id}")],
            purpose=f"announcement:{row.id}:{wish}:{int(talk.now.timestamp())}",
        )
