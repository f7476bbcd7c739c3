"""Applications as the team sees them: who may open one, how many points it has, what its founder is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from handlers.notices import tell as notices
from handlers.notices.tell import Speaks
from handlers.programme.model import Answer, FormField, Programme, Review
from handlers.rights import READERS, TEAM, concerns, sectors_of
from handlers.talk.message import Json
from handlers.talk.words import Day, Decimal, Listed, Text, UserText, _, dirhams, lines, n_, paragraphs, telephone
from storage import people, reviews
from storage.database import Db

OWN_WORDS = "="  # before an answer in one's own words, where options are offered: no option begins with it


def project(row: Any) -> Text:
    return UserText(str(row.answers.get("project_name") or "—"))


def points(rules: Review, scores: Mapping[str, int]) -> float:
    """The weighted mean of a review, 1 to 5; criteria it does not know count for nothing."""
    counted = [(rules.criteria[id].weight, score) for id, score in scores.items() if id in rules.criteria]
    return sum(weight * score for weight, score in counted) / (sum(weight for weight, _score in counted) or 1)


def mean(rules: Review, reviews: Sequence[Mapping[str, int]]) -> float | None:
    """The mean of all reviews; None without any."""
    return sum(points(rules, scores) for scores in reviews) / len(reviews) if reviews else None


def of_five(value: float) -> Text:
    return _("{points} of 5", points=Decimal(value))


def card(programme: Programme, row: Any, done: int) -> Text:
    """An application in a few lines."""
    wanted = programme.review.wanted if programme.review is not None else 1
    sector = shown(programme, "sector", row.answers.get("sector"))
    said: list[Text] = [_("{ref}: {project}", ref=row.reference, project=project(row))]
    if sector is not None:
        said.append(_("Sector: {sector}", sector=sector))
    said.append(
        _(
            "Received on {day}, answer promised by {promised}",
            day=row.submitted_at.astimezone(programme.zone).date(),
            promised=row.promised_on,
        )
    )
    said.append(n_("{n} review of {wanted}", "{n} reviews of {wanted}", done, wanted=str(wanted)))
    return lines(said)


async def announce(db: Db, by: Speaks, programme: Programme, row: Any, founder: int) -> None:
    """A new application: the team and the reviewers of its sector learn of it."""
    text = paragraphs([_("A new application has come in."), card(programme, row, 0)])
    for person, profile in (await people.profiles(db, *READERS)).items():
        if person != founder and concerns(row.answers, sectors_of(profile)):
            await notices.tell(
                db,
                by,
                person,
                text,
                [(_("Open it"), f"/file {row.reference}")],
                purpose=f"new:{row.reference}:{person}",
                about=founder,
            )


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
    said = notices.greeted(
        programme.say(programme.texts.status_changed), first_name, ref=reference, status=status_text(programme, status)
    )
    return paragraphs([said, told_words(programme, words)]) if words else said


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


async def tell_status(db: Db, by: Speaks, programme: Programme, row: Any, status: str, words: str = "") -> bool:
    """Tell the founder of an application its new status, in their language; False if no channel reaches them."""
    name = str(row.answers.get("full_name") or "").split(" ")[0]
    text = told_status(programme, name, row.reference, status, words)
    return await notices.tell(
        db,
        by,
        row.person_id,
        text,
        onward(programme, status),
        purpose=f"status:{row.reference}:{status}:{int(by.now.timestamp())}",
    )


def asked_back(programme: Programme, items: Iterable[Any]) -> Text:
    """Such items, each with the team's note."""
    fields, documents = programme.form.fields, programme.form.documents
    labels: dict[str, Text] = {
        **{id: one.label for id, one in fields.items()},
        **{id: one.label for id, one in documents.items()},
    }
    return lines([_("• {item}: {note}", item=labels[one.item], note=UserText(one.note)) for one in items])


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
    chosen = [_one(options, one) for one in kept] if isinstance(kept, list) else []
    labels = tuple(label for label in chosen if label is not None)
    return Listed(labels) if labels and len(labels) == len(chosen) else None


def _day(kept: str) -> Text | None:
    try:
        return Day(date.fromisoformat(kept))
    except ValueError:
        return None


def value(programme: Programme, row: Any, id: str) -> Text:
    """An answer as the team reads it: options in the reader's language, words as they were written."""
    kept = row.answers.get(id)
    if kept is None:
        return _("no answer")
    return shown(programme, id, kept) or UserText(str(kept))


def difference(programme: Programme, row: Any, item: Any) -> Text:
    """A changed item, before and after."""
    if item.item in programme.form.documents:
        names = Listed(tuple(UserText(str(name)) for name in item.after or ())) if item.after else _("nothing yet")
        return _("{item}: now {names}", item=programme.form.documents[item.item].label, names=names)
    before = shown(programme, item.item, item.before) if item.before is not None else None
    after = shown(programme, item.item, item.after) if item.after is not None else None
    label = programme.form.fields[item.item].label if item.item in programme.form.fields else UserText(item.item)
    return _(
        "{item}: before “{before}”, now “{after}”",
        item=label,
        before=before or _("no answer"),
        after=after or _("no answer"),
    )


async def tell_changes(db: Db, by: Speaks, programme: Programme, row: Any, founder: int, ids: set[int]) -> None:
    """Whoever asked for these items, and the team, read what they are now."""
    done = [item for item in await reviews.items(db, row.id, waiting=False) if item.id in ids]
    text = lines(
        [_("{ref} was changed as you asked:", ref=row.reference), *(difference(programme, row, item) for item in done)]
    )
    team = {person for person, _language in await people.with_role(db, *TEAM)}
    for person in team | {item.asked_by for item in done if item.asked_by is not None}:
        purpose = f"changed:{row.reference}:{max(ids)}:{person}"
        await notices.tell(
            db, by, person, text, [(_("Open it"), f"/file {row.reference}")], purpose=purpose, about=founder
        )
