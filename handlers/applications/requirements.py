"""What an application needs: the fields that are asked, the documents that must come, what the team asked to change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from handlers.programme.model import Document, FormField, Programme
from handlers.talk.words import Text
from storage import reviews
from storage.database import Db


def applies(field: FormField, applicant: str, answers: Mapping[str, Any]) -> bool:
    """Whether a field is asked of this applicant, after these answers."""
    if field.need(applicant) == "no":
        return False
    return all(value in _listed(answers.get(id)) for id, value in field.when.items())


def _listed(value: Any) -> list[Any]:
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


async def waiting(db: Db, programme: Programme, application: int) -> Sequence[Any]:
    """The items that a founder is asked to change and has not answered; those that the form no longer has are left out."""
    known = {*programme.form.fields, *programme.form.documents}
    return [item for item in await reviews.items(db, application, waiting=True) if item.item in known]
