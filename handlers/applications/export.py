"""/export: the applications as a table."""

from __future__ import annotations

from typing import cast

from handlers.actor import by_chat
from handlers.applications import actions
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.talk import Talk
from handlers.talk.words import _
from storage.database import Db


async def export(talk: Talk, db: Db, programme: Programme) -> None:
    kinds = {"xlsx": _("Excel"), "csv": _("CSV")}
    kind = cast(actions.TableKind, await talk.ask("kind", choice(_("As which kind of file?"), kinds)))
    language = talk.languages.get(talk.person.language) or talk.languages["fr"]
    table = await actions.export(db, by_chat(talk), programme, kind, language)
    talk.about(*table.founders)
    talk.send(table.name, table.kind, table.content, _("{n} applications.", n=len(table.founders)))
