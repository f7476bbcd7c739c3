"""The catalogs: collects our sentences, and checks that every one is whole in every language.

python -m tests.catalogs            collect: locales/mouwakib.pot and the three .po files
python -m tests.catalogs --check    say what is missing or wrong, change nothing
"""

from __future__ import annotations

import io
import string
import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from handlers.talk.words import LANGUAGES, LOCALES

HOME = Path(__file__).resolve().parent.parent
FOLDER = HOME / "locales"
KEYWORDS = {"_": None, "n_": (1, 2)}
HEADER = "# Mouwakib: our own sentences."


def collected() -> Catalog:
    """Every sentence of the code, without line numbers: a moved line is no change of words."""
    catalog = Catalog(header_comment=HEADER, charset="utf-8", fuzzy=False)
    for folder in ("bot", "handlers"):
        for _name, _line, msgid, comments, _context in extract_from_dir(
            HOME / folder, keywords=KEYWORDS, comment_tags=("i18n:",)
        ):
            catalog.add(msgid, auto_comments=comments)
    return catalog


def updated(code: str, template: Catalog) -> Catalog:
    """A language's catalog with the sentences of the template: kept where they were (and as sure), empty where they are new."""
    path = FOLDER / code / "LC_MESSAGES" / "mouwakib.po"
    catalog = Catalog(locale=code, header_comment=HEADER, charset="utf-8", fuzzy=False)
    known: dict[Any, Message] = {}
    if path.exists():
        with path.open("rb") as file:
            known = {message.id: message for message in read_po(file, locale=code) if message.id}
    for message in template:
        if message.id:
            same = message.id if code == "en" else None
            old = known.get(message.id)
            catalog.add(message.id, (old and old.string) or same, flags=["fuzzy"] if old and old.fuzzy else [])
    return catalog


def text_of(catalog: Catalog) -> str:
    out = io.BytesIO()
    write_po(out, catalog, width=0, sort_output=True, no_location=True, omit_header=False)
    lines = out.getvalue().decode().splitlines()
    dated = (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Report-Msgid",
        "Language-Team",
        "Generated-By",
        "Project-Id",
    )
    return "\n".join(line for line in lines if not any(line.startswith(f'"{name}') for name in dated)) + "\n"


def wrong(code: str, catalog: Catalog) -> list[str]:
    """What keeps a language from being whole."""
    found = []
    for message in catalog:
        if message.id:
            found += [f"{code}: {problem}: {message.id!r}" for problem in _problems(code, message, catalog.num_plurals)]
    return found


def _problems(code: str, message: Message, plurals: int) -> list[str]:
    if message.fuzzy:
        return ["fuzzy"]
    forms = [
        str(form or "") for form in (message.string if isinstance(message.string, list | tuple) else (message.string,))
    ]
    originals = message.id if isinstance(message.id, list | tuple) else (message.id,)
    if not all(forms):
        return ["not translated"]
    if len(originals) > 1 and len(forms) != plurals:
        return [f"{len(forms)} plural forms, {plurals} are needed"]
    problems = []
    wanted = _parts(originals[-1])
    for form in forms:
        there = _parts(form)
        if there - wanted or (wanted - there) - ({"n"} if len(originals) > 1 else set()):
            problems.append(f"other {{parts}}: {sorted(there ^ wanted)}")
        if form != form.strip() or originals[0] != originals[0].strip():
            problems.append("space at an end")
    return problems


def _parts(text: str) -> set[str]:
    return {name for _before, name, _spec, _conversion in string.Formatter().parse(text) if name}


def main() -> int:
    template = collected()
    files = {FOLDER / "mouwakib.pot": template}
    files |= {FOLDER / code / "LC_MESSAGES" / "mouwakib.po": updated(code, template) for code in LANGUAGES}
    complaints = [problem for code in LANGUAGES for problem in wrong(code, updated(code, template))]
    if "--check" in sys.argv:
        complaints += [
            f"{path.relative_to(HOME)}: out of date; run make words"
            for path, catalog in files.items()
            if not path.exists() or path.read_text("utf-8") != text_of(catalog)
        ]
    else:
        for path, catalog in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text_of(catalog), "utf-8")
    print("\n".join(complaints) or f"{len(list(template)) - 1} sentences, whole in {', '.join(LOCALES)}")
    return int(bool(complaints))


if __name__ == "__main__":
    sys.exit(main())
