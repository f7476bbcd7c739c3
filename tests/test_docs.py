"""What the README and docs/ name is there: files, folders, headings, settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import HOME, explained
from handlers.talk.words import plain, read_languages

PAGES = [HOME / "README.md", HOME / "CHANGELOG.md", *sorted((HOME / "docs").glob("*.md"))]
OURS = ("bot", "handlers", "storage", "tests", "docs", "locales", "programmes")
PATH = re.compile(rf"((?:{'|'.join(OURS)})/[\w./*-]*|test_[\w*]+\.py)(?:::(\w+)(?:\.\.\.)?)?")
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def headings(page: Path) -> set[str]:
    """The anchors of a page, as its readers' browsers make them."""
    found = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES)
def test_every_path_in_backticks_is_there(page: Path) -> None:
    """`bot/turn.py`, `test_whatsapp*.py` and `test_turn.py::test_poison_is_kept...` alike."""
    missing = []
    for word in re.findall(r"`([^`\n]+)`", FENCED.sub("", page.read_text("utf-8"))):
        if named := PATH.fullmatch(word):
            path, test = named.groups()
            found = [*HOME.glob(path), *(HOME / "tests").glob(path)]
            if not found or (test and f"def {test}" not in found[0].read_text("utf-8")):
                missing.append(word)
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text("utf-8")):
        path, _hash, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in headings(target)):
            broken.append(link)
    assert broken == []


def test_the_map_of_the_house_names_folders_that_are_there() -> None:
    """The README's map has one folder a line; indented ones lie in the last one that is not."""
    (drawn,) = [block for block in FENCED.findall((HOME / "README.md").read_text("utf-8")) if "handlers/" in block]
    above, found = "", []
    for indent, folder in re.findall(r"^( *)(\w+/)", drawn, re.MULTILINE):
        above = above if indent else folder
        found.append(f"{above}{folder}" if indent else folder)
    shown = {HOME / folder for folder in found}
    rooms = {path.parent for name in ("bot", "handlers") for path in (HOME / name).glob("*/__init__.py")}
    assert [folder for folder in shown if not folder.is_dir()] == []
    assert rooms - shown == set()


def test_the_table_of_settings_says_what_the_settings_say_of_themselves(accept: bool) -> None:
    english = read_languages(HOME / "locales")["en"]
    rows = "".join(
        f"| `{name}` | {f'`{Path(default).name if Path(default).is_absolute() else default}`' if default else ''} "
        f"| {plain(english.say(about))} |\n"
        for name, default, about in explained()
    )
    page = HOME / "docs" / "operations.md"
    before, head, rest = page.read_text("utf-8").partition("| Setting | Default | What |\n| --- | --- | --- |\n")
    said, _blank, after = rest.partition("\n\n")
    said += "\n"
    if accept:
        page.write_text(before + head + rows + "\n" + after, "utf-8")
        said = rows
    assert said == rows
