"""Staff edit the programme file without us: whatever they break is named with its line and its field, in words they understand."""

from __future__ import annotations

import re
import tempfile
from datetime import date
from pathlib import Path

import pytest

from bot.settings import HOME
from handlers.programme.load import BadProgramme, load
from handlers.talk.words import read_languages
from tests.chat import Chat

OUJDA = HOME / "programmes" / "technopark-oujda.yaml"
FIGUIG = Path(__file__).parent / "programmes" / "figuig.yaml"
SOURCE = OUJDA.read_text("utf-8")
TONGUES = read_languages(HOME / "locales")


def said_of(source: str | bytes, folder: Path, language: str = "en") -> list[str]:
    """What `mouwakib programme check` says of a file."""
    path = folder / "mine.yaml"
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    try:
        load(path)
    except BadProgramme as bad:
        return [
            re.sub("[\u2066-\u2069]", "", mistake.said(TONGUES[language])).replace(str(path), "mine.yaml")
            for mistake in bad.mistakes
        ]
    return []


WITHDRAWN = """  withdrawn:
    fr: "Retirée à votre demande. Vous pourrez candidater de nouveau."
    ar: "سُحب بناءً على طلبكم. يمكنكم الترشح من جديد."
    en: "Withdrawn at your request. You can apply again."
"""
# what is written, what is written instead, how the line named then begins, the field named, words of what is said
BROKEN = [
    # texts
    ('ar: "خدماتنا", en: "Our services"}', 'en: "Our services"}', "services:", "menu.services", "the Arabic text is missing"),
    ('{fr: "Bon", ar: "جيد", en: "Good"}', '{fr: "Bon", en: "Good"}', '- {fr: "Bon"', "review.points.4", "the Arabic text is missing"),
    ('name: {fr: "Technopark Oujda"', 'name: {fr: ""', "name:", "name", "the French text is missing"),
    ('en: "Our services"}', 'en: "Our services", es: "Servicios"}', "services:", "menu.services", "es is none of them"),
    ('ar: "سُحب بناءً على طلبكم. يمكنكم الترشح من جديد."', 'ar: "Withdrawn at your request. You can apply again."', "withdrawn:", "statuses.withdrawn", "the Arabic text is the same as the English one"),
    ('en: "Our services"}', 'en: "Our many many services indeed"}', "services:", "menu.services", "the English label has 29 letters, and 24"),
    ('agree: {fr: "J\'accepte"', 'agree: {fr: "J\'accepte tout cela très volontiers"', "agree:", "consent.agree", "the French label has 35 letters, and 20"),
    ('full: {label: {fr: "Temps plein"', 'full: {label: {fr: "Très peu de temps"', "options:", "eligibility.questions.commitment.options", "two options have the same French label: Très peu de temps"),
    ("حاليًا من الملف.", "حاليًا من الملف {ref}.", "submitted:", "statuses.submitted", "the Arabic text and the French one do not have the same {placeholders}: ref"),
    ("nothing for you to do for now", "nothing } for you", "in_review:", "statuses.in_review", "a curly bracket has no partner"),
    ("nothing for you to do for now", "{Nothing} for you", "in_review:", "statuses.in_review", "“{Nothing}” cannot be a name here"),
    ('fr: "Reçue. Nous vérifions votre dossier."\n    ar: "تم التوصل به. نتحقق حاليًا من الملف."\n    en: "Received. We are checking your file."', 'fr: "{ref} !"\n    ar: "{ref} !"\n    en: "{ref}!"', "submitted:", "statuses.submitted", "nothing says what {ref} stands for"),
    # names
    ("answer_within: 10 ", "anwser_within: 10 ", "anwser_within:", "anwser_within", "did you mean “answer_within”?"),
    ("          shortest: 3\n", "          shorttest: 3\n", "shorttest:", "form.sections.you.fields.full_name.shorttest", "did you mean “shortest”?"),
    ("          shortest: 3\n", "          zebra: 3\n", "zebra:", "form.sections.you.fields.full_name.zebra", "there is no field “zebra” here"),
    ("reference: OUJ ", "# reference: OUJ ", "programme:", "reference", "the field “reference” is missing"),
    ("    events: {fr", "    Events!: {fr", "Events!:", "announcements.topics.Events!", "“Events!” cannot be a name here"),
    ("site: pre_opening", "site: open\nsite: pre_opening", "site: pre_opening", "site", "this field stands here twice"),
    ("        province:\n", "        sector:\n", "sector:", "form.sections.you.fields.sector", "already the name of another question"),
    # values
    ("site: pre_opening", "site: closed", "site:", "site", "possible are: planned, pre_opening, open"),
    ("site: pre_opening", "site:", "site:", "site", "something must stand here"),
    ("reference: OUJ", "reference: oujda", "reference:", "reference", "capital letters"),
    ("time_zone: Africa/Casablanca", "time_zone: Africa/Oujda", "time_zone:", "time_zone", "“Africa/Oujda” is not a known time zone"),
    ("answer_within: 10 ", "answer_within: 0 ", "answer_within:", "answer_within", "too small: at least 1"),
    ("  length: 45", "  length: long", "length:", "coaching.length", "a whole number was expected here, not “long”"),
    ("  length: 45", "  length:", "length:", "coaching.length", "something must stand here"),
    ("  length: 45", "  length: 4", "length:", "coaching.length", "“4” is too small: at least 10"),
    ("  quiet_from: 21    # from", "  quiet_from: 45    # from", "quiet_from: 45", "coaching.quiet_from", "“45” is too large: at most 24"),
    ("  holidays: MA", "  holidays: Maroc", "holidays:", "coaching.holidays", "the public holidays of “Maroc” are not known"),
    ("  closed: []", "  closed: [2027-02-30]", "closed:", "coaching.closed.1", "“2027-02-30” is not a day"),
    ("  closed: []", "  closed: 2027-03-10", "closed:", "coaching.closed", "a list was expected here"),
    ("      several: true", "      several: maybe", "several:", "eligibility.questions.sector.several", "yes or no was expected here, not “maybe”"),
    ("      weight: 25", "      weight: 2.5", "weight:", "review.criteria.innovation.weight", "a whole number was expected here, not “2.5”"),
    ('    - {fr: "Excellent", ar: "ممتاز", en: "Outstanding"}\n', "", "points:", "review.points", "5 lines were expected here, not 4"),
    ("          shortest: 3\n", "          shortest: 300\n", "full_name:", "form.sections.you.fields.full_name", "“shortest” is greater than “longest”"),
    ("          type: email", "          type: letter", "type: letter", "form.sections.you.fields.email.type", "“letter” is not possible here"),
    ("          type: email", "          type: choice", "email:", "form.sections.you.fields.email", "at least two options"),
    ("          type: email", "          type: email\n          stop_if_no: m9", "email:", "form.sections.you.fields.email", "only a question of type yes_no can have “stop_if_no”"),
    # what must agree
    ("required: [academic]", "required: [wizard]", "required: [wizard]", "form.sections.you.fields.school.required", "“wizard” is not one of the kinds of applicant"),
    ("  applicant: applicant_type", "  applicant: applicant_kind", "applicant:", "form.applicant", "there is no earlier question “applicant_kind”"),
    ("when: {needs: hosting}", "when: {wishes: hosting}", "when:", "form.sections.needs.fields.space.when.wishes", "there is no earlier question “wishes”"),
    ("when: {needs: hosting}", "when: {needs: castle}", "when:", "form.sections.needs.fields.space.when.needs", "has no option “castle”"),
    ("unless: {applicant_type: [project_holder,", "unless: {stages: [project_holder,", "unless:", "eligibility.questions.company_age.unless.stages", "there is no earlier question “stages”"),
    ("unless: {applicant_type: [project_holder,", "unless: {applicant_type: [wizard,", "unless:", "eligibility.questions.company_age.unless.applicant_type", "has no option “wizard”"),
    ("result: no, refusal: m8", "result: no", "little:", "eligibility.questions.commitment.options.little", "must name a refusal"),
    ("result: no, refusal: m8", "result: no, refusal: m99", "little:", "eligibility.questions.commitment.options.little.refusal", "no text “m99” under refusals"),
    ("stop_if_no: m9", "stop_if_no: m99", "stop_if_no:", "form.sections.you.fields.adult.stop_if_no", "no text “m99” under refusals"),
    ("topics: [coach]", "topics: [dragons]", "topics: [dragons]", "services.coaching.topics", "“dragons” is not possible here"),
    (WITHDRAWN, "", "statuses:", "statuses", "the text for the status “withdrawn” is missing"),
    # the form of the file
    ("menu:\n", "menu:\n\tservices: x\n", "services: x", "", "breaks the form"),
    ('fr: "Nos services", ar', 'fr: "Nos services, ar', "services:", "", "breaks the form"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "instead", "line", "field", "said"), BROKEN, ids=[f"{row[3]} {row[4][:24]}" for row in BROKEN]
)
def test_one_slip_is_named_once_with_its_line_and_its_field(
    tmp_path: Path, written: str, instead: str, line: str, field: str, said: str
) -> None:
    assert written in SOURCE
    broken = SOURCE.replace(written, instead, 1)
    (told,) = said_of(broken, tmp_path)
    found = re.fullmatch(r"mine\.yaml:(\d+):(?: (\S+):)? (.+)", told)
    assert found is not None
    assert broken.splitlines()[int(found[1]) - 1].strip().startswith(line)
    assert (found[2] or "") == field
    assert said in found[3]


def test_days_off_are_written_as_the_file_itself_shows(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        SOURCE.replace("  closed: []", "  closed: [2027-03-10]").replace("  open: []", "  open: [2027-03-20]"), "utf-8"
    )
    coaching = load(tmp_path / "mine.yaml").coaching
    assert coaching is not None
    assert (coaching.closed, coaching.open) == ([date(2027, 3, 10)], [date(2027, 3, 20)])


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_it_is_said_in_three_languages(tmp_path: Path, language: str) -> None:
    (told,) = said_of(SOURCE.replace("site: pre_opening", "site: closed"), tmp_path, language)
    assert told.startswith("mine.yaml:")
    assert "closed" in told
    assert (re.search("[\u0621-\u064a]", told) is not None) == (language == "ar")


def test_every_mistake_is_named_in_the_order_of_the_lines(tmp_path: Path) -> None:
    broken = (
        SOURCE.replace("site: pre_opening", "site: closed")
        .replace("reference: OUJ", "reference: oujda")
        .replace("length: 45", "length: long")
    )
    assert [told.split(":")[1:3] for told in said_of(broken, tmp_path)] == [
        ["10", " reference"],
        ["12", " site"],
        ["641", " coaching.length"],
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"\xff\xfe\x00", "UTF-8"), (b"- a\n- b\n", "not a list of fields"), (b"a: &a [*a]\n" * 3, "")],
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
