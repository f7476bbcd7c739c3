"""What is said of applications: to their founders, and to those who read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from handlers.notices.tell import greeted
from handlers.programme.model import Answer, FormField, Programme
from handlers.talk.message import Json
from handlers.talk.words import (
    IN_LANGUAGE,
    Day,
    Decimal,
    Listed,
    Text,
    UserText,
    _,
    dirhams,
    lines,
    n_,
    paragraphs,
    telephone,
)
from storage.applications import Application
from storage.change_requests import ChangeRequest

OWN_WORDS = "="  # before an answer in one's own words, where options are offered: no option begins with it


def first_name(application: Application) -> str:
    """What to call the founder; "" if the form does not say."""
    return str(application.answers.get("full_name") or "").split(" ")[0]


def project(application: Application) -> Text:
    return UserText(str(application.answers.get("project_name") or "—"))


def in_language(application: Application) -> Text:
    """ "in French": the language that its founder reads."""
    return IN_LANGUAGE.get(application.language, IN_LANGUAGE["fr"])


def working_days(n: int) -> Text:
    """ "10 working days", as it stands after "within"."""
    return n_("{n} working day", "{n} working days", n)


def received(programme: Programme, first_name: str, project: str, reference: str) -> Text:
    """What a founder reads when their application is handed in."""
    delay = working_days(programme.answer_within)
    text = programme.say(programme.texts.application_received)
    return greeted(text, first_name, project=project, ref=reference, delay=delay)


def card(programme: Programme, application: Application, reviews: int) -> Text:
    """An application in a few lines, with how many reviews it has."""
    wanted = programme.review.wanted if programme.review is not None else 1
    sector = shown(programme, "sector", application.answers.get("sector"))
    texts: list[Text] = [_("{ref}: {project}", ref=application.reference, project=project(application))]
    if sector is not None:
        texts.append(_("Sector: {sector}", sector=sector))
    texts.append(
        _(
            "Received on {day}, answer promised by {promised}",
            day=application.submitted_at.astimezone(programme.zone).date(),
            promised=application.promised_on,
        )
    )
    texts.append(n_("{n} review of {wanted}", "{n} reviews of {wanted}", reviews, wanted=str(wanted)))
    return lines(texts)


def new(programme: Programme, application: Application) -> Text:
    """What those who read applications learn of a new one."""
    return paragraphs([_("A new application has come in."), card(programme, application, 0)])


def of_five(points: float) -> Text:
    return _("{points} of 5", points=Decimal(points))


LABELS: Mapping[str, Text] = {
    "submitted": _("Received"),
    "in_review": _("Under review"),
    "missing_docs": _("To be completed"),
    "shortlisted": _("Shortlisted"),
    "interview": _("Interview"),
    "accepted": _("Accepted"),
    "waitlisted": _("On the waiting list"),
    "not_selected": _("Not selected"),
}  # of statuses, for the team; founders read a sentence


def status_text(programme: Programme, status: str) -> Text:
    """A status in its public words."""
    return next(programme.say(text) for known, text in programme.statuses.items() if known == status)


def label(programme: Programme, status: str) -> Text:
    """A status as the team reads it."""
    return LABELS.get(status) or status_text(programme, status)


def told_words(programme: Programme, words: str) -> Text:
    """What the team wrote with a decision, as its founder reads it."""
    return programme.say(programme.texts.status_note).with_(detail=words)


def told_status(programme: Programme, first_name: str, reference: str, status: str, words: str) -> Text:
    """What a founder reads when the status of their application changes."""
    text = programme.say(programme.texts.status_changed)
    told = greeted(text, first_name, ref=reference, status=status_text(programme, status))
    return paragraphs([told, told_words(programme, words)]) if words else told


def onward(programme: Programme, status: str) -> list[tuple[Text, str]]:
    """The ways onward under a decision."""
    track = (_("Track my application"), "/track")
    match status:
        case "not_selected":
            book = [(_("Book a session"), "/book")] if programme.coaching is not None else []
            return [*book, (_("Apply again"), "/apply"), (_("Talk to the team"), "/human")]
        case "waitlisted" | "accepted":
            return [track, (_("Talk to the team"), "/human")]
    return [track]


def change_notes(programme: Programme, notes: Mapping[str, str]) -> Text:
    """Items to change, each with the team's note."""
    fields, documents = programme.form.fields, programme.form.documents
    labels: dict[str, Text] = {
        **{id: field.label for id, field in fields.items()},
        **{id: document.label for id, document in documents.items()},
    }
    return lines([_("• {item}: {note}", item=labels[id], note=UserText(note)) for id, note in notes.items()])


def change_requests(programme: Programme, requests: Iterable[ChangeRequest]) -> Text:
    """Such items that wait for an answer."""
    return change_notes(programme, {request.item: request.note for request in requests})


def still_to_answer(programme: Programme, requests: Sequence[ChangeRequest]) -> Text:
    """What a founder has left for later."""
    until = _("This can still be answered until {day}:", day=requests[-1].until)
    return lines([until, change_requests(programme, requests)])


def changes_requested(programme: Programme, application: Application, notes: Mapping[str, str], until: date) -> Text:
    """What a founder reads when the team asks for changes."""
    name, ref = first_name(application), application.reference
    head = _("The team asks you for the following in your application {ref}, by {day}:", ref=ref, day=until)
    if name:
        head = _(
            "Hello {name}, the team asks you for the following in your application {ref}, by {day}:",
            name=name,
            ref=ref,
            day=until,
        )
    return lines([head, change_notes(programme, notes)])


def changed(programme: Programme, application: Application, answered: Iterable[ChangeRequest]) -> Text:
    """What the team reads when a founder has answered."""
    head = _("{ref} was changed as you asked:", ref=application.reference)
    return lines([head, *(difference(programme, request) for request in answered)])


def difference(programme: Programme, request: ChangeRequest) -> Text:
    """A changed item, before and after."""
    document, field = programme.form.documents.get(request.item), programme.form.fields.get(request.item)
    if document is not None:
        files = request.after if isinstance(request.after, list) else []
        names = Listed(tuple(UserText(str(name)) for name in files)) if files else _("nothing yet")
        return _("{item}: now {names}", item=document.label, names=names)
    return _(
        "{item}: before “{before}”, now “{after}”",
        item=field.label if field is not None else UserText(request.item),
        before=shown(programme, request.item, request.before) or _("no answer"),
        after=shown(programme, request.item, request.after) or _("no answer"),
    )


def value(programme: Programme, application: Application, id: str) -> Text:
    """An answer as the team reads it: options in the reader's language, words as they were written."""
    kept = application.answers.get(id)
    if kept is None:
        return _("no answer")
    return shown(programme, id, kept) or UserText(str(kept))


def shown(programme: Programme, id: str, kept: Json) -> Text | None:
    """A kept answer in words; None without one, or if its question no longer knows it."""
    if (check := programme.eligibility.questions.get(id)) is not None:
        return _several(check.options, kept) if check.several else _one(check.options, kept)
    field = programme.form.fields.get(id)
    if field is None:
        return None
    if isinstance(kept, bool):
        return yes_or_no(field)[0 if kept else 1] if field.type == "yes_no" else None
    match field.type, kept:
        case "choice", str() if field.free_text and kept.startswith(OWN_WORDS):
            return UserText(kept.removeprefix(OWN_WORDS))
        case "choice", _:
            return _one(field.options, kept)
        case "several", _:
            return _several(field.options, kept)
        case "number", int():
            return UserText(str(kept))
        case "amount", int():
            return dirhams(kept)
        case "date", str():
            return _day(kept)
        case "phone", str():
            return telephone(kept)
        case (("name" | "text" | "email" | "link" | "ice" | "rc"), str()):
            return UserText(kept)
    return None


def yes_or_no(field: FormField) -> tuple[Text, Text]:
    """What a yes and a no to this field are called."""
    return (_("I agree"), _("I do not agree")) if field.consent == "data" else (_("Yes"), _("No"))


def _one(options: Mapping[str, Answer], kept: Json) -> Text | None:
    return options[kept].label if isinstance(kept, str) and kept in options else None


def _several(options: Mapping[str, Answer], kept: Json) -> Text | None:
    chosen = [_one(options, id) for id in kept] if isinstance(kept, list) else []
    labels = tuple(label for label in chosen if label is not None)
    return Listed(labels) if labels and len(labels) == len(chosen) else None


def _day(kept: str) -> Text | None:
    try:
        return Day(date.fromisoformat(kept))
    except ValueError:
        return None
