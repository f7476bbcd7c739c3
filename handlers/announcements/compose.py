"""/announce: an announcement in three languages, to exactly the right people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from handlers.actor import by_chat
from handlers.announcements import actions, commands, words
from handlers.announcements.actions import Draft
from handlers.announcements.audience import audience, fallbacks
from handlers.channels import ANNOUNCING, BRIDGED
from handlers.notices.quiet_hours import outside_quiet_hours
from handlers.programme.model import Announcements, Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.kinds.contacts import link
from handlers.talk.kinds.files import files
from handlers.talk.kinds.text import text
from handlers.talk.question import Misread, Question, optional, passing, titled
from handlers.talk.talk import Talk
from handlers.talk.when import Unclear, read_moment
from handlers.talk.words import IN_LANGUAGE, LANGUAGES, OWN_NAMES, Text, Time, Verbatim, _, lines, n_
from storage import audiences
from storage.audiences import Count
from storage.database import Db

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
            body = await talk.ask(
                f"body_{code}",
                titled(text(_("The text, {language}?", language=language), shortest=10, longest=BODY), own),
            )
            texts[code] = title, body
    if not texts:
        talk.say(_("An announcement needs words in at least one language."))
        talk.offer(_("Begin again"), "/announce")
        return
    fallback = await fallbacks(talk, db, topic, texts)
    sent = await talk.ask("file", optional(titled(files(_("A picture or a document with it?"), most=1), _("Document"))))
    address = await talk.ask("link", optional(titled(link(_("A link under it?")), _("Link"))))
    label = "more"
    if address:
        label = await talk.ask(
            "label", titled(choice(_("What should its button say?"), words.LINK_LABELS), _("Button"))
        )
    wanted = await audience(talk, programme)
    at = await _when(talk, rules)
    frame = programme.say(rules.frame)
    bodies = words.bodies(talk.languages, texts, fallback, sent[0] if sent else None, address, label, frame)
    counts = await audiences.counted(db, wanted, topic, list(bodies), talk.now, bridged=BRIDGED)
    if await _checked(talk, rules, bodies, counts, at):
        await _write(talk, db, programme, Draft(topic, bodies, wanted, at))


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

    asked = text(_("On which day, and at what time? For example “tomorrow 10:00”."), check=check)
    return replace(asked, show=lambda kept: Time(datetime.fromisoformat(kept).replace(tzinfo=talk.zone), day=True))


async def _checked(
    talk: Talk, rules: Announcements, bodies: Mapping[str, dict[str, Any]], counts: Sequence[Count], at: datetime
) -> bool:
    """The send screen: exact numbers, the time it takes, a look at it on each channel; whether it shall go out."""
    people = words.reached(counts)
    prompt: list[Text] = [words.told(counts), _("Sending takes {time}.", time=words.lasting(counts))]
    if at > talk.now:
        prompt.append(_("It goes out on {moment}.", moment=at.astimezone(talk.zone)))
    if people > rules.approve_above:
        prompt.append(
            _("A second person of the team must approve it, as it is for more than {n} people.", n=rules.approve_above)
        )
    options: dict[str, Text] = {
        "send": n_("Send to {n} person", "Send to {n} people", people),
        "test": _("Test to myself"),
    }
    options |= {
        f"on_{name}": _("See it on {channel}", channel=Verbatim(ANNOUNCING[name])) for name in _channels(counts)
    }
    options |= {"/edit": _("Change something"), "leave": _("Do not send")}
    if not people:
        del options["send"]
    for look in range(1, TESTS):
        wish = await talk.ask(f"send{look}", passing(choice(lines(prompt), options)))
        if wish in ("send", "leave"):
            if wish == "leave":
                talk.say(_("Nothing was sent."))
            return wish == "send"
        if talk.just(f"send{look}"):
            for body in {str(body): body for body in bodies.values()}.values():
                talk.show(body if wish == "test" else {**body, "as_on": wish.removeprefix("on_")})
    return False


def _channels(counts: Sequence[Count]) -> list[str]:
    return sorted({count.channel for count in counts if not count.reason and count.channel in ANNOUNCING})


async def _write(talk: Talk, db: Db, programme: Programme, draft: Draft) -> None:
    written = await actions.write(db, by_chat(talk), programme, draft)
    if written.needs_approval:
        talk.say(_("Your colleagues are asked to approve it; it goes out when one of them has."))
        if not written.asked:
            talk.say(_("Nobody else of the team can be reached just now: invite a colleague."))
            talk.offer(_("Invite somebody"), "/invite")
    elif written.send_at > talk.now:
        talk.say(_("Scheduled for {moment}.", moment=written.send_at.astimezone(talk.zone)))
    else:
        talk.say(_("It is on its way. You will read here when it is done."))
    talk.offer(_("How far it is"), commands.announcement(written.id))
    talk.offer(_("All announcements"), "/announcements")
