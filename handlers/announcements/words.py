"""Announcements: the message in each language, whom it reaches, how long it takes, what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from handlers.channels import place, rate_limit
from handlers.notices import templates
from handlers.programme.model import Programme
from handlers.talk.message import Button, File, Outgoing
from handlers.talk.words import (
    LANGUAGES,
    OWN_NAMES,
    Joined,
    Language,
    StaffText,
    Text,
    UserText,
    Verbatim,
    _,
    lines,
    n_,
    paragraphs,
    plain,
)
from storage.announcements import Recipient
from storage.audiences import BRIDGED, NO_CONSENT, NO_TEXT, NO_TOPIC, NOWHERE, Count
from storage.outbox import DIED

PICTURES = ("image/jpeg", "image/png")
LINK_LABELS: Mapping[str, Text] = {"more": _("Learn more"), "join": _("Register"), "open": _("Open the link")}


def bodies(
    languages: Mapping[str, Language],
    texts: Mapping[str, tuple[str, str]],
    fallback: Mapping[str, str],
    file: File | None,
    link: str | None,
    label: str,
    frame: StaffText,
) -> dict[str, dict[str, Any]]:
    """The message of each language that has one; a language without words of its own may borrow another's. In the `frame`
    it is said where a platform wants each message approved beforehand."""
    made: dict[str, dict[str, Any]] = {}
    for code in LANGUAGES:
        source = code if code in texts else fallback.get(code, "")
        if source not in texts:
            continue
        title, body = texts[source]
        message = Outgoing(
            paragraphs([Verbatim(f"📣 {title}"), Verbatim(body), _("To stop these announcements, write STOP.")]),
            ((Button(LINK_LABELS[label], "", link=link),) if link else ())
            + (Button(_("Choose my announcements"), "/news", aside=True),),
            file=file,
        )
        made[code] = message.into(languages[source])
        if file is not None and file.kind in PICTURES:
            made[code]["picture"] = True  # to be looked at, not kept
        framed = frame.with_(
            title=" ".join(title.split()), body=" ".join([*body.split(), *([link] if link else [])]).rstrip(".")
        )
        if file is None and (by_template := templates.said(languages, framed, (), source)):
            made[code]["template"] = by_template
    return made


def seconds(counts: Sequence[Count]) -> float:
    """How long the announcement takes: each channel as fast as it may, side by side."""
    by_channel: Counter[str] = Counter()
    for count in counts:
        if not count.reason:
            by_channel[count.channel] += count.people
    return max((people / rate_limit(channel) for channel, people in by_channel.items()), default=0)


def lasting(counts: Sequence[Count]) -> Text:
    took = timedelta(seconds=seconds(counts))
    if took < timedelta(minutes=1):
        return _("less than a minute")
    minutes = round(took.total_seconds() / 60)
    return (
        n_("about {n} minute", "about {n} minutes", minutes)
        if minutes < 120
        else n_("about {n} hour", "about {n} hours", round(minutes / 60))
    )


def reached(counts: Sequence[Count]) -> int:
    """How many people get it."""
    return sum(count.people for count in counts if not count.reason)


def told(counts: Sequence[Count]) -> Text:
    """The numbers of the send screen: by language, by channel, and who gets nothing, and why."""
    languages: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for count in counts:
        if count.reason:
            reasons[count.reason] += count.people
        else:
            languages[count.language] += count.people
            channels[count.channel] += count.people
    told: list[Text] = [n_("{n} person will receive it.", "{n} people will receive it.", reached(counts))]
    told += [
        _("• {language}: {n}", language=Verbatim(OWN_NAMES.get(code, code)), n=languages[code])
        for code in LANGUAGES
        if languages[code]
    ]
    told += [_("• on {channel}: {n}", channel=place(name), n=n) for name, n in sorted(channels.items())]
    told += [_("• not sent, {reason}: {n}", reason=REASONS[reason], n=n) for reason, n in sorted(reasons.items())]
    return lines(told)


REASONS: Mapping[str, Text] = {
    NO_CONSENT: _("did not agree to announcements"),
    NO_TOPIC: _("stopped this topic"),
    NO_TEXT: _("no text in their language"),
    NOWHERE: _("on no channel any more"),
    BRIDGED: _("on WhatsApp by a bridge, which carries no announcements"),
}
_STATES: Mapping[str, Text] = {
    "planned": _("waiting"),
    "queued": _("waiting"),
    "sending": _("under way"),
    "sent": _("sent"),
    "delivered": _("delivered"),
    "read": _("read"),
    "failed": _("failed"),
    "skipped": _("not sent"),
    "unknown": _("not known whether it arrived"),
}
STATES: Mapping[str, Text] = {
    "asked": _("waits for a second person to approve it"),
    "scheduled": _("scheduled"),
    "sending": _("is being sent"),
    "paused": _("paused"),
    "stopped": _("stopped"),
    "done": _("done"),
    "refused": _("not approved"),
}

_BECAUSE: Mapping[str, Text] = {
    **REASONS,
    "stopped": _("the announcement was stopped"),
    "blocked": _("they have blocked us"),
    "deactivated": _("their account is closed"),
    **dict.fromkeys(("forbidden", "chat not found", "131026", "137000"), _("cannot be reached there any more")),
    **dict.fromkeys(("130472", "131049", "131050"), _("WhatsApp lets no announcements through to them")),
    DIED: _("interrupted on its way"),
}  # why somebody did not get it, by the reason kept, or by the platform's number that it begins with

_BROKEN = _("the connection broke off")


def became(outcome: str) -> tuple[str, Text | str]:
    """What became of a recipient, by the state and, after a colon, the reason kept: the state, and why, in our words or as the
    platform says it, which staff may have to look up; "" if nothing is to be explained."""
    state, _colon, reason = outcome.partition(":")
    known = _BECAUSE.get(reason) or _BECAUSE.get(reason.partition(" ")[0])
    return state, known or (_BROKEN if state == "unknown" and reason else reason)


def _became(state: str, why: Text | str) -> Text:
    what: Text = _STATES.get(state, UserText(state))
    return _("{state} ({reason})", state=what, reason=why) if why else what


def table(language: Language, recipients: Sequence[Recipient]) -> list[list[str]]:
    """Every recipient of an announcement in a row, under a row of titles."""
    titles = (_("Name"), _("Language"), _("Channel"), _("Outcome"), _("Sent at"))
    return [
        [language.say(title) for title in titles],
        *(
            [
                recipient.name,
                OWN_NAMES.get(recipient.language, recipient.language),
                plain(language.say(place(recipient.channel))),
                plain(language.say(_became(*became(f"{recipient.state}:{recipient.reason}")))),
                recipient.sent_at.isoformat() if recipient.sent_at else "",
            ]
            for recipient in recipients
        ),
    ]


def report(counts: Sequence[Count]) -> Text:
    """What became of an announcement, in numbers, by outcome and language."""
    outcomes: dict[tuple[str, Text | str], Counter[str]] = {}
    for count in counts:
        outcomes.setdefault(became(count.reason), Counter())[count.language] += count.people
    told: list[Text] = []
    for outcome, languages in outcomes.items():
        by_language = Joined(
            tuple(
                _("{language} {n}", language=Verbatim(OWN_NAMES.get(code, code)), n=n)
                for code, n in sorted(languages.items())
            ),
            " · ",
        )
        told.append(
            _("• {state}: {n} ({languages})", state=_became(*outcome), n=sum(languages.values()), languages=by_language)
        )
    return lines(told) if told else _("Nobody yet.")


def topic_label(programme: Programme, topic: str) -> Text:
    topics = programme.announcements.topics if programme.announcements is not None else {}
    return topics.get(topic) or UserText(topic)
