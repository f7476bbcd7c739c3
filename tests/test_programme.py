"""Staff edit the programme file without us: whatever they break is named with its line and its field, in words they understand."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

from bot.settings import HOME
from handlers.programme.load import BadProgramme, load
from handlers.talk.words import read_tongues
from tests.chat import Chat

OUJDA = HOME / "programmes" / "technopark-oujda.yaml"
FIGUIG = Path(__file__).parent / "programmes" / "figuig.yaml"
SOURCE = OUJDA.read_text("utf-8")
TONGUES = read_tongues(HOME / "locales")


def said_of(source: str | bytes, folder: Path, language: str = "en") -> list[str]:
    """What `mouwakib programme check` says of a file."""
    path = folder / "mine.yaml"
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    try:
        load(path)
    except BadProgramme as bad:
        return [re.sub("[\u2066-\u2069]", "", mistake.said(TONGUES[language])).replace(str(path), "mine.yaml") for mistake in bad.mistakes]
    return []


BROKEN = [
    # what is written, what is written instead, a word of the line named, what is said
    (
        'menu:\n  services: {fr: "Nos services", ar: "خدماتنا", en: "Our services"}',
        'menu:\n  services: {fr: "Nos services", en: "Our services"}',
        "services:",
        "Arabic text is missing",
    ),
    ("site: pre_opening", "site: closed", "site:", "possible are"),
    ("answer_within: ", "anwser_within: ", "anwser_within", "did you mean"),
    ("answer_within: ", "answer_within: -", "answer_within", "too small"),
    ("time_zone: Africa/Casablanca", "time_zone: Africa/Oujda", "time_zone", "not a known time zone"),
    ("reference: OUJ", "reference: oujda", "reference", "capital letters"),
    ('en: "Our services"}', 'en: "Our many many many many services indeed"}', "services:", "the most a button can show"),
    ("when: {needs: hosting}", "when: {wishes: hosting}", "when:", "no earlier question"),
    ("when: {needs: hosting}", "when: {needs: castle}", "when:", "no option"),
    ("          type: choice\n          when: {needs", "          type: wheel\n          when: {needs", "type: wheel", "possible are"),
    ("site: pre_opening", "site: pre_opening\nsite: open", "site: open", "stands here twice"),
    ("coaching:\n  length: 45", "coaching:\n  length: long", "length", "whole number"),
    ("coaching:\n  length: 45", "coaching:\n  length: 4", "length", "too small"),
    ("  quiet_from: 21    # from", "  quiet_from: 45    # from", "quiet_from: 45", "too large"),
    ('en: "Under review. There is nothing for you to do for now."', 'en: "Under {review}."', "in_review", "placeholders"),
    ('en: "Under review. There is nothing for you to do for now."', 'en: "Under } review."', "in_review", "bracket"),
    ("    topics: [coach]\n", "    topics: [dragons]\n", "topics: [dragons]", "possible are"),
    ('    - {fr: "Excellent", ar: "ممتاز", en: "Outstanding"}\n', "", "points:", "5 lines were expected here, not 4"),
    ('    - {fr: "Bon", ar: "جيد", en: "Good"}', '    - {fr: "Bon", en: "Good"}', '"Bon"', "Arabic text is missing"),
    ("      weight: 25", "      weight: heavy", "weight: heavy", "whole number"),
    (
        'funding: {fr: "Financement", ar: "التمويل", en: "Funding"}\n    life',
        'Funding!: {fr: "Financement", ar: "التمويل", en: "Funding"}\n    life',
        "Funding!",
        "cannot be a name",
    ),
    ("  withdrawn:\n", "  withdrawed:\n", "withdrawed", "withdrawn"),
    ("menu:\n", "menu:\n\tservices: x\n", "services: x", "breaks the form"),
    ('fr: "Nos services", ar', 'fr: "Nos services, ar', "Nos services", "breaks the form"),
]


@pytest.mark.parametrize(("written", "instead", "line", "said"), BROKEN, ids=[f"{row[1][:28]!r}" for row in BROKEN])
def test_what_is_broken_is_named_with_its_line(tmp_path: Path, written: str, instead: str, line: str, said: str) -> None:
    assert written in SOURCE
    broken = SOURCE.replace(written, instead, 1)
    told = said_of(broken, tmp_path)
    assert told, "it is accepted"
    lines = broken.splitlines()
    named = [(int(found[1]), one) for one in told if (found := re.match(r"mine\.yaml:(\d+)", one))]
    assert any(said in one and any(line in lines[at] for at in range(max(0, number - 3), min(len(lines), number + 1))) for number, one in named), told


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_it_is_said_in_three_languages(tmp_path: Path, language: str) -> None:
    (told,) = said_of(SOURCE.replace("site: pre_opening", "site: closed"), tmp_path, language)
    assert told.startswith("mine.yaml:")
    assert "closed" in told
    assert (re.search("[\u0621-\u064a]", told) is not None) == (language == "ar")


def test_every_mistake_is_named_not_only_the_first(tmp_path: Path) -> None:
    broken = SOURCE.replace("site: pre_opening", "site: closed").replace("reference: OUJ", "reference: oujda").replace("length: 45", "length: long")
    assert len(said_of(broken, tmp_path)) == 3


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "empty"), (b"\xff\xfe\x00", "UTF-8"), (b"- a\n- b\n", "not a list of fields"), (b"a: &a [*a]\n" * 3, "")]
)
def test_what_is_no_programme_at_all_is_said_so(tmp_path: Path, content: bytes, said: str) -> None:
    told = said_of(content, tmp_path)
    assert told
    assert said in told[0]


def test_a_file_that_is_not_there_or_is_a_folder_is_said_so(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "none.yaml", "no such file"), (tmp_path, "cannot be opened")):
        with pytest.raises(BadProgramme) as bad:
            load(path)
        assert said in bad.value.mistakes[0].said(TONGUES["en"])


def test_a_mark_that_some_editors_write_first_does_no_harm(tmp_path: Path) -> None:
    assert said_of(b"\xef\xbb\xbf" + SOURCE.encode(), tmp_path) == []


def test_both_programmes_are_in_order(tmp_path: Path) -> None:
    assert said_of(SOURCE, tmp_path) == []
    assert said_of(FIGUIG.read_text("utf-8"), tmp_path) == []
    assert len(load(OUJDA).form.fields) == 25


# nothing of Oujda is in the code ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "ar"])
async def test_another_city_with_two_questions_is_the_same_bot(sqlite_url: str, language: str, accept: bool) -> None:
    script = FIGUIG.with_suffix(f".{language}.txt")
    with tempfile.TemporaryDirectory() as folder:
        async with Chat.on(sqlite_url, Path(folder), programme=FIGUIG) as chat:
            told = await chat.play(script.read_text("utf-8"))
    if accept:
        script.write_text(told, "utf-8")
    assert told == script.read_text("utf-8")
    assert not re.search("oujda|technopark|وجدة|تكنوبارك", told, re.IGNORECASE)


def test_no_word_of_oujda_stands_in_the_code_or_our_sentences() -> None:
    named = [
        f"{path.relative_to(HOME)}:{number}"
        for folder in ("bot", "handlers", "storage", "locales")
        for path in (HOME / folder).rglob("*")
        if path.suffix in (".py", ".po", ".pot", ".js", ".css", ".html", ".webmanifest")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"oujda|technopark|\bOUJ\b|وجدة|تكنوبارك", line, re.IGNORECASE)
    ]
    allowed = ("bot/settings.py", "handlers/talk/lexicon.py")  # the file it begins with; what people type
    assert [place for place in named if not place.startswith(allowed)] == []
