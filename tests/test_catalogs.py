"""The check of the catalogs finds every fault a translator or a programmer can leave behind."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from handlers.talk.words import LANGUAGES
from tests import catalogs

CODE = """
from handlers.talk.words import _, n_

hello = _("Hello {name}, welcome!")
days = n_("{n} day", "{n} days", 2)
bye = _("Goodbye.")
"""
SAID = {
    "ar": {
        "Hello {name}, welcome!": "مرحبًا {name}، أهلا بكم!",
        "{n} day": ["لا أيام", "يوم واحد", "يومان", "{n} أيام", "{n} يوم", "{n} يومًا"],
        "Goodbye.": "إلى اللقاء.",
    },
    "fr": {
        "Hello {name}, welcome!": "Bonjour {name}, bienvenue !",
        "{n} day": ["{n} jour", "{n} jours"],
        "Goodbye.": "Au revoir.",
    },
}


class Desk:
    """A small house of its own: some code, and its catalogs, whole."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self.monkeypatch, self.capsys = home, monkeypatch, capsys
        monkeypatch.setattr(catalogs, "HOME", home)
        monkeypatch.setattr(catalogs, "FOLDER", home / "locales")
        for folder in ("bot", "handlers"):
            (home / folder).mkdir()
        self.code = home / "handlers" / "hello.py"
        self.code.write_text(CODE, "utf-8")
        self.run()
        for code, said in SAID.items():
            path = self.po(code)
            text = path.read_text("utf-8")
            for msgid, forms in said.items():
                if isinstance(forms, list):
                    text = re.sub(
                        r'(?<=msgstr\[)(\d)\] ""',
                        lambda at, forms=forms: f'{at[1]}] "{forms[int(at[1])]}"',  # type: ignore[misc]
                        text,
                    )
                else:
                    text = text.replace(f'msgid "{msgid}"\nmsgstr ""', f'msgid "{msgid}"\nmsgstr "{forms}"')
            path.write_text(text, "utf-8")

    def po(self, code: str) -> Path:
        return self.home / "locales" / code / "LC_MESSAGES" / "mouwakib.po"

    def run(self, *arguments: str) -> tuple[int, str]:
        """How `python -m tests.catalogs` ends, and what it prints."""
        self.monkeypatch.setattr(sys, "argv", ["catalogs", *arguments])
        self.capsys.readouterr()
        failed = catalogs.main()
        return failed, self.capsys.readouterr().out.strip()

    def change(self, code: str, old: str, new: str) -> None:
        text = self.po(code).read_text("utf-8")
        assert old in text
        self.po(code).write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, monkeypatch, capsys)


def test_whole_catalogs_pass(desk: Desk) -> None:
    assert desk.run("--check") == (0, "3 sentences, whole in ar, fr, en")


@pytest.mark.parametrize(
    ("code", "old", "new", "said"),
    [
        ("fr", "Au revoir.", "", "fr: not translated: 'Goodbye.'"),
        ("ar", "{n} أيام", "", "ar: not translated: ('{n} day', '{n} days')"),
        ("fr", "Bonjour {name}", "Bonjour", "fr: other {parts}: ['name']: 'Hello {name}, welcome!'"),
        ("fr", "Bonjour {name}", "Bonjour {nom}", "fr: other {parts}: ['name', 'nom']: 'Hello {name}, welcome!'"),
        ("ar", "{n} يومًا", "{m} يومًا", "ar: other {parts}: ['m', 'n']: ('{n} day', '{n} days')"),
        ("fr", "Au revoir.", "Au revoir. ", "fr: space at an end: 'Goodbye.'"),
        ("fr", 'msgid "Goodbye."', '#, fuzzy\nmsgid "Goodbye."', "fr: fuzzy: 'Goodbye.'"),
        ("ar", 'msgstr[5] "{n} يومًا"\n', "", "ar: not translated: ('{n} day', '{n} days')"),
        ("fr", 'msgid "Goodbye."', 'msgid "Adieu."', "fr: not translated: 'Goodbye.'"),
    ],
)
def test_a_fault_is_named_with_its_language_and_its_sentence(
    desk: Desk, code: str, old: str, new: str, said: str
) -> None:
    desk.change(code, old, new)
    failed, printed = desk.run("--check")
    assert failed
    assert said in printed.splitlines()


def test_a_new_sentence_of_the_code_must_be_collected_and_translated(desk: Desk) -> None:
    desk.code.write_text(CODE + 'more = _("One more thing.")\n', "utf-8")
    before = desk.po("fr").read_text("utf-8")
    failed, printed = desk.run("--check")
    assert failed
    assert "locales/mouwakib.pot: out of date; run make words" in printed
    assert "fr: not translated: 'One more thing.'" in printed
    assert "en: not translated" not in printed
    assert desk.po("fr").read_text("utf-8") == before, "a check changes nothing"
    desk.run()
    failed, printed = desk.run("--check")
    assert failed
    assert printed.splitlines() == ["ar: not translated: 'One more thing.'", "fr: not translated: 'One more thing.'"]
    desk.change("fr", 'msgid "One more thing."\nmsgstr ""', 'msgid "One more thing."\nmsgstr "Encore une chose."')
    desk.change("ar", 'msgid "One more thing."\nmsgstr ""', 'msgid "One more thing."\nmsgstr "شيء آخر."')
    assert desk.run("--check") == (0, "4 sentences, whole in ar, fr, en")


def test_a_sentence_the_code_no_longer_has_must_go(desk: Desk) -> None:
    desk.code.write_text(CODE.replace('bye = _("Goodbye.")', ""), "utf-8")
    failed, printed = desk.run("--check")
    assert failed
    assert len(re.findall("out of date; run make words", printed)) == 4
    desk.run()
    assert "Goodbye" not in desk.po("fr").read_text("utf-8")
    assert desk.run("--check") == (0, "2 sentences, whole in ar, fr, en")


def test_a_missing_catalog_is_missed(desk: Desk) -> None:
    shutil.rmtree(desk.home / "locales" / "ar")
    failed, printed = desk.run("--check")
    assert failed
    assert "locales/ar/LC_MESSAGES/mouwakib.po: out of date; run make words" in printed


def test_collecting_twice_changes_nothing(desk: Desk) -> None:
    desk.run()
    before = {path: path.read_bytes() for path in (desk.home / "locales").rglob("*") if path.is_file()}
    desk.run()
    assert {path: path.read_bytes() for path in before} == before


def test_our_own_catalogs_are_whole() -> None:
    template = catalogs.collected()
    assert len(list(template)) > 200
    assert [problem for code in LANGUAGES for problem in catalogs.wrong(code, catalogs.updated(code, template))] == []
