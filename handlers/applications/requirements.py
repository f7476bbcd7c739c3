"""What an application needs: the fields that are asked, the documents that must come, what the team asked to change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from handlers.programme.model import Document, FormField, Programme
from handlers.talk.message import Json
from handlers.talk.words import Text
from storage import change_requests
from storage.applications import Application
from storage.change_requests import ChangeRequest
from storage.database import Db


def applicant_of(programme: Programme, answers: Mapping[str, Json]) -> str:
    """The kind of applicant, by their answers to the eligibility check; "" if the programme does not tell them apart."""
    return str(answers.get(programme.form.applicant, "")) if programme.form.applicant else ""


def applies(field: FormField, applicant: str, answers: Mapping[str, Json]) -> bool:
    """Whether a field is asked of this applicant, after these answers."""
    if field.need(applicant) == "no":
        return False
    return all(value in _listed(answers.get(id)) for id, value in field.when.items())


def _listed(value: Json) -> list[Json]:
    """An answer as the options it names."""
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return value if isinstance(value, list) else [value]


def needed(programme: Programme, applicant: str) -> dict[str, tuple[Document, str]]:
    """The documents for this kind of applicant: (document, "required" or "optional") by id."""
    needs = {id: (document, document.need(applicant)) for id, document in programme.form.documents.items()}
    return {id: pair for id, pair in needs.items() if pair[1] != "no"}


def missing(programme: Programme, applicant: str, there: Collection[str]) -> list[Text]:
    """The documents that this kind of applicant must hand in and that are not there yet."""
    return [
        document.label
        for id, (document, need) in needed(programme, applicant).items()
        if need == "required" and id not in there
    ]


def askable(programme: Programme, application: Application) -> dict[str, Text]:
    """What the team can ask a founder to change: the labels of the documents and answers of this application."""
    labels: dict[str, Text] = {
        id: document.label for id, (document, _) in needed(programme, application.applicant).items()
    }
    return labels | {id: field.label for id, field in changeable(programme, application).items()}


def changeable(programme: Programme, application: Application) -> dict[str, FormField]:
    """The fields that were asked of this applicant and can be answered anew; a consent is given once."""
    return {
        id: field
        for id, field in programme.form.fields.items()
        if applies(field, application.applicant, application.answers) and field.consent is None
    }


def answer_by(programme: Programme, today: date) -> date:
    """The last day to answer what the team asks today."""
    return today + timedelta(days=programme.review.change_days if programme.review is not None else 10)


async def waiting(db: Db, programme: Programme, application: int) -> list[ChangeRequest]:
    """What a founder is asked to change and has not answered, without items that the form no longer has."""
    known = {*programme.form.fields, *programme.form.documents}
    return [request for request in await change_requests.waiting(db, application) if request.item in known]
