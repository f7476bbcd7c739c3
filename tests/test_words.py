"""Our sentences in each language: plurals, dates, and foreign names kept in order inside Arabic."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import HOME
from handlers.programme.checks import texts_of
from handlers.programme.load import load
from handlers.talk.words import (
    END,
    ISOLATE,
    LANGUAGES,
    Day,
    Joined,
    Listed,
    Sentence,
    StaffText,
    Text,
    UserText,
    Verbatim,
    _,
    clean,
    isolate_latin,
    lines,
    n_,
    paragraphs,
    read_languages,
)

TONGUES = read_languages(HOME / "locales")
PROGRAMME = load(HOME / "programmes" / "technopark-oujda.yaml")


def seen(text: str) -> str:
    """The words with their isolates visible: ⁨CV⁩ is [CV]."""
    return text.replace(ISOLATE, "[").replace(END, "]")


# plurals ------------------------------------------------------------------------------------------------------------

DAYS = {
    0: ("أقل من يوم عمل", "0 jour ouvrable", "0 working days"),
    1: ("يوم عمل واحد", "1 jour ouvrable", "1 working day"),
    2: ("يومي عمل", "2 jours ouvrables", "2 working days"),
    3: ("3 أيام عمل", "3 jours ouvrables", "3 working days"),
    10: ("10 أيام عمل", "10 jours ouvrables", "10 working days"),
    11: ("11 يوم عمل", "11 jours ouvrables", "11 working days"),
    99: ("99 يوم عمل", "99 jours ouvrables", "99 working days"),
    100: ("100 يوم عمل", "100 jours ouvrables", "100 working days"),
    102: ("102 يوم عمل", "102 jours ouvrables", "102 working days"),
    103: ("103 أيام عمل", "103 jours ouvrables", "103 working days"),
    1000: ("1000 يوم عمل", "1000 jours ouvrables", "1000 working days"),
}
DOCUMENTS = {
    0: "• لا توجد أي وثيقة",
    1: "• وثيقة واحدة",
    2: "• وثيقتان",
    3: "• 3 وثائق",
    10: "• 10 وثائق",
    11: "• 11 وثيقة",
    99: "• 99 وثيقة",
    100: "• 100 وثيقة",
}


@pytest.mark.parametrize(("n", "words"), DAYS.items())
def test_a_count_takes_the_right_plural_in_each_language(n: int, words: tuple[str, str, str]) -> None:
    counted = n_("{n} working day", "{n} working days", n)
    assert tuple(TONGUES[code].say(counted) for code in ("ar", "fr", "en")) == words


@pytest.mark.parametrize(("n", "words"), DOCUMENTS.items())
def test_arabic_counts_documents_in_six_ways(n: int, words: str) -> None:
    assert TONGUES["ar"].say(n_("• {n} document", "• {n} documents", n)) == words


@pytest.mark.parametrize("n", range(131))
def test_arabic_has_its_six_forms_by_the_last_two_figures(n: int) -> None:
    rest = n % 100
    expected = n if n <= 2 else 3 if 3 <= rest <= 10 else 4 if rest <= 2 else 5
    assert TONGUES["ar"].form(n) == expected
    assert TONGUES["fr"].form(n) == int(n > 1)
    assert TONGUES["en"].form(n) == int(n != 1)


def test_a_sentence_without_a_translation_is_said_in_english() -> None:
    for code in LANGUAGES:
        assert TONGUES[code].say(n_("{n} camel", "{n} camels", 1)) == "1 camel"
        assert TONGUES[code].say(n_("{n} camel", "{n} camels", 2)) == "2 camels"
        assert TONGUES[code].say(_("No such sentence.")) == "No such sentence."


# dates --------------------------------------------------------------------------------------------------------------

MONTHS = ("يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو", "يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر")
WEEKDAYS = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")


@pytest.mark.parametrize("month", range(1, 13))
def test_months_are_those_of_morocco(month: int) -> None:
    assert TONGUES["ar"].date(date(2027, month, 16)) == f"16 {MONTHS[month - 1]} 2027"


@pytest.mark.parametrize("weekday", range(7))
def test_a_day_comes_with_its_weekday(weekday: int) -> None:
    day = date(2027, 8, 16 + weekday)  # the 16th is a Monday
    french = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")[weekday]
    assert TONGUES["ar"].say(Day(day)) == f"{WEEKDAYS[weekday]} {day.day} غشت 2027"
    assert TONGUES["fr"].say(Day(day)) == f"{french} {day.day} août 2027"
    assert TONGUES["en"].say(Day(day)) == f"{day:%A} {day.day} August 2027"


def test_the_first_of_a_month_is_the_first_in_french() -> None:
    assert [TONGUES[code].day(date(2027, 3, 1)) for code in ("ar", "fr", "en")] == [
        "الاثنين 1 مارس 2027",
        "lundi 1er mars 2027",
        "Monday 1 March 2027",
    ]
    assert [TONGUES["fr"].date(date(2027, 3, day)) for day in (1, 11, 21, 31)] == [
        "1er mars 2027",
        "11 mars 2027",
        "21 mars 2027",
        "31 mars 2027",
    ]


def test_an_hour_is_told_by_the_clock_it_is_given_in() -> None:
    moment = datetime(2027, 8, 16, 14, 30, tzinfo=ZoneInfo("Africa/Casablanca"))
    assert TONGUES["fr"].moment(moment) == "lundi 16 août à 14:30"
    assert TONGUES["ar"].moment(moment) == "الاثنين 16 غشت على الساعة 14:30"
    assert [TONGUES[code].clock(moment.replace(hour=9, minute=5)) for code in LANGUAGES] == ["09:05"] * 3


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.sampled_from(LANGUAGES))
def test_dates_have_western_figures_and_no_hidden_marks(day: date, code: str) -> None:
    for words in (TONGUES[code].day(day), TONGUES[code].date(day)):
        assert f"{day.year}" in words
        assert f"{day.day}" in words
        assert not re.search("[\u0660-\u0669\u200e\u200f\u202a-\u202e\u2066-\u2069]", words)


# names inside sentences -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("الصيغ المقبولة: PDF وJPG وPNG.", "الصيغ المقبولة: [PDF] و[JPG] و[PNG]."),
        ("مثال: https://exemple.ma/a?b=c", "مثال: [https://exemple.ma/a?b=c]"),
        ("مثال: nom@exemple.ma.", "مثال: [nom@exemple.ma]."),
        ("جاهزة (plug & play) هنا", "جاهزة ([plug & play]) هنا"),
        ("عرض «Startup Venture Building» والصناديق", "عرض «[Startup Venture Building]» والصناديق"),
        ("موقع technopark.ma لمعرفة المزيد", "موقع [technopark.ma] لمعرفة المزيد"),
        ("اكتبوا /menu هنا", "اكتبوا /menu هنا"),
        ("مرحبًا {first_name}، رقمكم {ref}", "مرحبًا {first_name}، رقمكم {ref}"),
        ("45 دقيقة", "45 دقيقة"),
    ],
)
def test_latin_words_stand_apart_in_arabic(text: str, said: str) -> None:
    assert seen(isolate_latin(text)) == said


def test_what_founders_wrote_stands_apart_where_it_could_turn_the_sentence() -> None:
    sentence = StaffText({"ar": "مرحبًا {name}!", "fr": "Bonjour {name} !", "en": "Hello {name}!"})
    assert [seen(TONGUES[code].say(sentence.with_(name="Salma"))) for code in ("ar", "fr", "en")] == [
        "مرحبًا [Salma]!",
        "Bonjour Salma !",
        "Hello Salma!",
    ]
    assert [seen(TONGUES[code].say(sentence.with_(name="سلمى"))) for code in ("ar", "fr", "en")] == [
        "مرحبًا [سلمى]!",
        "Bonjour [سلمى] !",
        "Hello [سلمى]!",
    ]
    assert seen(TONGUES["ar"].say(UserText("AgriLink 2.0"))) == "[AgriLink 2.0]"
    assert seen(TONGUES["fr"].say("زرع")) == "[زرع]"
    assert TONGUES["ar"].say(Verbatim("Français")) == "Français"


def test_a_list_of_texts_is_told_as_each_language_lists() -> None:
    both = Listed(
        (
            StaffText({"ar": "التأطير", "fr": "Coaching", "en": "Coaching"}),
            StaffText({"ar": "التشبيك", "fr": "Réseau", "en": "Network"}),
        )
    )
    assert [TONGUES[code].say(both) for code in ("ar", "fr", "en")] == [
        "التأطير، التشبيك",
        "Coaching, Réseau",
        "Coaching, Network",
    ]
    assert TONGUES["fr"].say(lines(both.texts)) == "Coaching\nRéseau"
    assert TONGUES["fr"].say(paragraphs(both.texts)) == "Coaching\n\nRéseau"
    assert TONGUES["fr"].say(Joined(both.texts, " / ")) == "Coaching / Réseau"


def test_a_text_is_no_string_by_accident() -> None:
    with pytest.raises(TypeError, match="Tongue"):
        str(_("Hello! It is good to see you."))


@given(st.text(max_size=40))
def test_nobodys_words_can_turn_the_sentence_around_them(words: str) -> None:
    said = clean(words)
    assert clean(said) == said
    for code in LANGUAGES:
        shown = TONGUES[code].say(_("Did you mean {address}?", address=said))
        assert shown.count(ISOLATE) == shown.count(END)
        assert said in shown
        assert not re.search("[\u202a-\u202e\u2066\u2067]", shown)
    assert f"{ISOLATE}{said}{END}" in TONGUES["ar"].say(_("Did you mean {address}?", address=said))


@given(st.text(st.sampled_from("abcXYZ019 .:/@&-'’«»()؟،ابتسلم{}"), max_size=40))
def test_every_latin_word_of_an_arabic_text_is_inside_an_isolate(text: str) -> None:
    dressed = isolate_latin(text)
    assert dressed.replace(ISOLATE, "").replace(END, "") == text
    outside = re.sub(f"{ISOLATE}[^{END}]*{END}|\\{{\\w*\\}}", " ", dressed)
    assert not re.search("(?<![A-Za-z0-9/])[A-Za-z]", outside)


# the catalogs and the programme, letter by letter -----------------------------------------------------------------------


def said_in(code: str) -> list[tuple[str, str]]:
    """Every sentence a founder can read in a language, with where it is from."""
    ours = [
        (msgid, form)
        for msgid, forms in TONGUES[code].messages.items()
        for form in (forms if isinstance(forms, tuple) else (forms,))
    ]
    return ours + [(".".join(map(str, path)), text.by_language[code]) for path, text in texts_of(PROGRAMME, ())]


def bare(text: str) -> str:
    """The text without placeholders and without what stands apart in it."""
    return re.sub(f"{ISOLATE}[^{END}]*{END}|\\{{\\w*\\}}", "", text)


def test_every_sentence_is_there_in_every_language() -> None:
    assert {code: sorted(TONGUES[code].messages) for code in LANGUAGES} == dict.fromkeys(
        LANGUAGES, sorted(TONGUES["en"].messages)
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_placeholders_are_the_same_in_every_language(code: str) -> None:
    def parts(forms: str | tuple[str, ...]) -> list[Counter[str]]:
        return [
            Counter(name for _before, name, _spec, _conversion in Formatter().parse(form) if name)
            for form in (forms if isinstance(forms, tuple) else (forms,))
        ]

    for msgid, forms in TONGUES[code].messages.items():
        wanted = set(parts(TONGUES["en"].messages[msgid])[-1])
        for found in parts(forms):
            assert set(found) | ({"n"} if isinstance(forms, tuple) else set()) == wanted, f"{code}: {msgid}"


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_sentence_has_letters_of_another_script(code: str) -> None:
    script = {"ar": "\u0621-\u063a\u0641-\u0652", "fr": "A-Za-zÀ-ÖØ-öø-ÿŒœ²", "en": "A-Za-zç²"}[code]
    for where, text in said_in(code):
        words = bare(text).replace("العربية", "").replace("Français", "")
        if not re.search(r"\.(label|name|title)$", where):  # labels stand alone
            assert re.findall(rf"[^\W\d_{script}]", words) == [], f"{code}: {where}: {text}"
        assert not re.search("[\u0660-\u0669\u06f0-\u06f9\u200e\u200f\u202a-\u202e]", text), f"{code}: {where}"


@pytest.mark.parametrize("code", LANGUAGES)
def test_quotes_and_question_marks_are_those_of_the_language(code: str) -> None:
    for where, text in said_in(code):
        words = bare(text)
        if code == "ar":
            assert not re.search(r"[?,;](?=\s|$)", words), f"{where}: {text}"
        if code == "fr":
            assert not re.search(r"\w[?!;»]|«\w", words), f"{where}: {text}"
        assert text.count("«") == text.count("»")
        assert text.count("“") == text.count("”")
        assert text.count(ISOLATE) == text.count(END)


@pytest.mark.parametrize("text", [Sentence("Yes", {}), UserText("x"), Day(date(2027, 1, 1))])
def test_what_is_sayable_is_sayable_in_all_languages(text: Text) -> None:
    assert all(TONGUES[code].say(text) for code in LANGUAGES)
