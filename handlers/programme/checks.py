"""What is wrong with a programme file although each of its parts is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel

from handlers.programme.model import STATUSES, Document, FormField, Programme
from handlers.programme.texts import placeholders_in
from handlers.talk.lexicon import INTENTS
from handlers.talk.words import StaffText

FILLED_LATER = {
    "application_received": {"first_name", "project", "ref", "delay"},
    "status_changed": {"first_name", "ref", "status"},
    "document_missing": {"first_name", "ref", "documents", "deadline"},
    "draft_reminder": {"first_name", "project"},
    "status_note": {"detail"},
}

_SESSION = {"topic", "coach", "date", "time", "place"}

FILLED_LATER_IN_COACHING = {
    "prepare": set[str](),
    "confirmed": {*_SESSION, "notice"},
    "asked": _SESSION,
    "day_before": _SESSION,
    "hour_before": {"topic", "time", "place"},
    "moved": _SESSION,
    "cancelled": {"topic", "date", "time", "reason"},
    "cancelled_by_you": {"date", "time"},
    "agenda": {"coach_first_name", "date", "count_text"},
    "feedback": {"topic"},
}

FILLED_LATER_IN_ANNOUNCEMENTS = {"frame": {"title", "body"}}


def problems(programme: Programme) -> Iterator[tuple[tuple[str | int, ...], str, Mapping[str, str]]]:
    """What only shows when the whole file is read together: (path, kind, words for the message)."""
    try:
        ZoneInfo(programme.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield ("time_zone",), "zone", {"zone": programme.time_zone}
    if programme.coaching is not None and not _has_holidays(programme.coaching.holidays):
        yield ("coaching", "holidays"), "no_holidays", {"country": programme.coaching.holidays, "example": "MA"}
    checks = programme.eligibility.questions
    yield from _check_problems(programme)
    applicants: set[str] | None = set()
    if programme.form.applicant is not None:
        if programme.form.applicant not in checks:
            yield ("form", "applicant"), "no_question", {"id": programme.form.applicant}
            applicants = None  # one slip, one mistake: who the kinds are is not known
        else:
            applicants = set(checks[programme.form.applicant].options)
    known: dict[str, set[str]] = {id: set(check.options) for id, check in checks.items()}
    for at, section in programme.form.sections.items():
        for id, field in section.fields.items():
            path = ("form", "sections", at, "fields", id)
            if id in known:
                yield path, "twice", {"id": id}
            yield from _need_problems(path, field, applicants)
            for asked, value in field.when.items():
                if asked not in known:
                    yield (*path, "when", asked), "no_question", {"id": asked}
                elif value not in known[asked]:
                    yield (*path, "when", asked), "no_option", {"id": value, "question": asked}
            if field.stop_if_no is not None and field.stop_if_no not in programme.eligibility.refusals:
                yield (*path, "stop_if_no"), "no_refusal", {"id": field.stop_if_no}
            known[id] = {"yes", "no"} if field.type == "yes_no" else set(field.options)
    for id, document in programme.form.documents.items():
        yield from _need_problems(("form", "documents", id), document, applicants)
    for status in STATUSES:
        if status not in programme.statuses:
            yield ("statuses",), "no_status", {"id": status}
    yield from _placeholder_problems(programme)
    yield from _topic_problems(programme)


def _has_holidays(country: str) -> bool:
    """Whether the public holidays of this country are known; nothing at all is the choice to have none."""
    if not country:
        return True
    from holidays.registry import EntityLoader  # its public list would load the calendars of 250 countries

    return country in EntityLoader.get_country_codes()


def _check_problems(programme: Programme) -> Iterator[tuple[tuple[str | int, ...], str, Mapping[str, str]]]:
    checks, refusals = programme.eligibility.questions, programme.eligibility.refusals
    earlier: list[str] = []
    for id, check in checks.items():
        path = ("eligibility", "questions", id)
        for asked, values in check.unless.items():
            if asked not in earlier:
                yield (*path, "unless", asked), "no_question", {"id": asked}
                continue
            for value in values:
                if value not in checks[asked].options:
                    yield (*path, "unless", asked), "no_option", {"id": value, "question": asked}
        for value, option in check.options.items():
            if option.result == "no" and option.refusal is None:
                yield (*path, "options", value), "no_reason", {"id": value}
            if option.refusal is not None and option.refusal not in refusals:
                yield (*path, "options", value, "refusal"), "no_refusal", {"id": option.refusal}
        earlier.append(id)


def _need_problems(
    path: tuple[str | int, ...], item: FormField | Document, applicants: set[str] | None
) -> Iterator[tuple[tuple[str | int, ...], str, Mapping[str, str]]]:
    for key in ("required", "optional"):
        for applicant in value if isinstance(value := getattr(item, key), list) else ():
            if applicants is not None and applicant not in applicants:
                yield (*path, key), "no_applicant", {"id": applicant}


def _placeholder_problems(programme: Programme) -> Iterator[tuple[tuple[str | int, ...], str, Mapping[str, str]]]:
    for path, text in texts_of(programme, ()):
        later = {
            "texts": FILLED_LATER,
            "coaching": FILLED_LATER_IN_COACHING,
            "announcements": FILLED_LATER_IN_ANNOUNCEMENTS,
        }.get(str(path[0]), {}).get(str(path[-1]), set())
        for name in sorted(placeholders_in(text.by_language["fr"]) - later - set(programme.fill)):
            yield path, "no_fill", {"id": name}


def _topic_problems(programme: Programme) -> Iterator[tuple[tuple[str | int, ...], str, Mapping[str, str]]]:
    topics: list[tuple[tuple[str | int, ...], list[str]]] = [
        (("faq", at), entry.topics) for at, entry in enumerate(programme.faq)
    ]
    for id, service in programme.services.items():
        topics.append((("services", id), service.topics))
        topics += [(("services", id, "questions", at), entry.topics) for at, entry in enumerate(service.questions)]
    for path, named in topics:
        for topic in named:
            if topic not in INTENTS:
                yield (*path, "topics"), "no_topic", {"found": topic, "choices": ", ".join(sorted(INTENTS))}


def texts_of(part: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], StaffText]]:
    """Every text under a part of the programme, with where it stands."""
    if isinstance(part, StaffText):
        yield path, part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from texts_of(getattr(part, name), (*path, name))
    elif isinstance(part, dict):
        for name, value in part.items():
            yield from texts_of(value, (*path, name))
    elif isinstance(part, list):
        for at, value in enumerate(part):
            yield from texts_of(value, (*path, at))
