"""/export: the applications as a table."""

from __future__ import annotations

import asyncio
from typing import Any

from handlers.applications import words as reviewing
from handlers.notices.tables import csv_of, xlsx_of
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.talk import Talk
from handlers.talk.words import Language, _, plain
from storage import reviews
from storage.database import Db


async def export(talk: Talk, db: Db, programme: Programme) -> None:
    kind = await talk.ask("kind", choice(_("As which kind of file?"), {"xlsx": _("Excel"), "csv": _("CSV")}))
    tongue = talk.languages.get(talk.person.language) or talk.languages["fr"]
    rows = await reviews.every(db, programme.programme)
    scores = await reviews.all_scores(db)
    table = [_header(programme, tongue), *(_row(programme, tongue, row, scores.get(row.id, [])) for row in rows)]
    talk.about(*(row.person_id for row in rows))
    name = f"applications-{talk.today.isoformat()}.{kind}"
    if kind == "csv":
        talk.send(name, "text/csv", csv_of(table), _("{n} applications.", n=len(rows)))
        return
    # a thousand applications take a second: not while others wait
    book = await asyncio.to_thread(xlsx_of, table, title=tongue.say(_("Applications")), rtl=tongue.rtl)
    talk.send(
        name,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        book,
        _("{n} applications.", n=len(rows)),
    )


def _header(programme: Programme, tongue: Language) -> list[str]:
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
    return [tongue.say(text) for text in (*own, *checks, *fields)]


def _row(programme: Programme, tongue: Language, row: Any, scores: list[dict[str, Any]]) -> list[str]:
    mean = reviewing.mean(programme.review, scores) if programme.review is not None else None
    own = [
        row.reference,
        tongue.say(reviewing.label(programme, row.status)),
        row.submitted_at.astimezone(programme.zone).strftime("%Y-%m-%d %H:%M"),
        row.promised_on.isoformat(),
        f"{mean:.2f}" if mean is not None else "",
        str(len(scores)),
        row.language,
        row.words,
    ]
    ids = [
        *programme.eligibility.questions,
        *(id for id, field in programme.form.fields.items() if field.consent is None),
    ]
    return own + [_plain(programme, tongue, row.answers.get(id), id) for id in ids]


def _plain(programme: Programme, tongue: Language, kept: Any, id: str) -> str:
    """An answer as a cell: no marks of direction, which only screens need."""
    if kept is None:
        return ""
    shown = reviewing.shown(programme, id, kept)
    said = tongue.say(shown) if shown is not None else str(kept)
    return plain(said)
