"""The applications as the rows of a table, in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handlers.applications import points, words
from handlers.programme.model import Programme
from handlers.talk.words import Language, _, plain
from storage.applications import Application


def header(programme: Programme, language: Language) -> list[str]:
    own = [
        _("Number"),
        _("Status"),
        _("Received"),
        _("Promised by"),
        _("Points"),
        _("Reviews"),
        _("Language"),
        _("Written with the decision"),
    ]
    checks = [check.title for check in programme.eligibility.questions.values()]
    fields = [field.label for field in programme.form.fields.values() if field.consent is None]
    return [language.say(text) for text in (*own, *checks, *fields)]


def row(
    programme: Programme, language: Language, application: Application, scores: Sequence[Mapping[str, int]]
) -> list[str]:
    """An application under that header; `scores` of each of its reviews."""
    mean = points.mean(programme.review, scores) if programme.review is not None else None
    own = [
        application.reference,
        language.say(words.label(programme, application.status)),
        application.submitted_at.astimezone(programme.zone).strftime("%Y-%m-%d %H:%M"),
        application.promised_on.isoformat(),
        f"{mean:.2f}" if mean is not None else "",
        str(len(scores)),
        application.language,
        application.words,
    ]
    fields = [id for id, field in programme.form.fields.items() if field.consent is None]
    return own + [_cell(programme, language, application, id) for id in (*programme.eligibility.questions, *fields)]


def _cell(programme: Programme, language: Language, application: Application, id: str) -> str:
    """An answer without marks of direction, which only screens need; nothing for none."""
    if application.answers.get(id) is None:
        return ""
    return plain(language.say(words.value(programme, application, id)))
