"""Days as people write them, in each language and in Darija, and the clock they are read by."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from bot.zone import use_pinned_zone_data
from handlers.talk import lexicon, understand
from handlers.talk.when import Unclear, read_day
from handlers.talk.words import LOCALES

TODAY = date(2026, 11, 23)  # a Monday

RELATIVE = {
    -2: "avant-hier · أول أمس · أول البارح · wlbare7 · day before yesterday",
    -1: "hier · lbare7 · أمس · البارح · yesterday",
    0: """
        aujourd'hui · ajd · auj · aujourdhui · ojourd8 · ajrd8 · lyoum · lyom · liom · lyouma · lioma · had nhar · nhar lyoum
        اليوم · ليوم · ليوما · اليوما · هاد النهار · هذا اليوم · today · tdy · Aujourd’hui !
    """,
    1: """
        demain · dmn · 2main · dem1 · dm1 · demin · ghda · ghdda · ghedda · ghadda · 4da · 8da · ghodwa · ghedwa · ghoudwa
        غدا · غدًا · غدّا · غدوة · يوم غد · الغد · tomorrow · tmrw · tmr · tomorow · demain svp · ghedda inchallah · غدًا إن شاء الله
    """,
    2: """
        après-demain · apres demain · ap dem · apdm1 · b3d ghdda · ba3d ghedda · be3d ghdda · mor ghedda · mour ghda
        بعد غد · بعد غدا · بعد غدًا · مور غدا · day after tomorrow
    """,
}


@pytest.mark.parametrize(
    ("said", "ahead"), [(word, ahead) for ahead, words in RELATIVE.items() for word in understand.split(words)]
)
def test_days_near_today_are_known_in_every_language(said: str, ahead: int) -> None:
    assert read_day(said, TODAY) == TODAY + timedelta(days=ahead)


WEEKDAYS = (
    "lundi · tnin · ltnin · ttnin · الاثنين · لتنين · monday · mon",
    "mardi · tlat · ltlat · الثلاثاء · التلات · tuesday · mar",
    "mercredi · larb3 · larba3 · larbe3 · الأربعاء · لاربع · wednesday",
    "jeudi · lkhmis · l5miss · lekhmis · الخميس · لخميس · thursday",
    "vendredi · jm3a · jem3a · jjm3a · الجمعة · جمعة · friday",
    "samedi · sbt · ssebt · sabt · السبت · saturday",
    "dimanche · l7d · l7ed · l7add · الأحد · الحد · sunday",
)


@pytest.mark.parametrize(
    ("said", "weekday"), [(word, at) for at, words in enumerate(WEEKDAYS) for word in understand.split(words)]
)
def test_a_weekday_alone_is_the_nearest_one_and_never_today(said: str, weekday: int) -> None:
    ahead = read_day(said, TODAY)
    assert ahead.weekday() == weekday
    assert 1 <= (ahead - TODAY).days <= 7
    behind = read_day(said, TODAY, past=True)
    assert behind.weekday() == weekday
    assert 1 <= (TODAY - behind).days <= 7


@pytest.mark.parametrize(
    ("said", "day"),
    [
        # figures: the day first, as Morocco writes it
        ("12/03/2027", date(2027, 3, 12)),
        ("12-03-2027", date(2027, 3, 12)),
        ("12.03.2027", date(2027, 3, 12)),
        ("12 03 2027", date(2027, 3, 12)),
        ("12 / 3 / 27", date(2027, 3, 12)),
        ("2027-03-12", date(2027, 3, 12)),
        ("2027/3/12", date(2027, 3, 12)),
        ("١٢/٠٣/٢٠٢٧", date(2027, 3, 12)),
        ("٢٠٢٧/٠٣/١٢", date(2027, 3, 12)),
        ("۱۲/۰۳/۲۰۲۷", date(2027, 3, 12)),
        ("03/15/2027", date(2027, 3, 15)),  # there is no fifteenth month
        ("12/03", date(2027, 3, 12)),
        ("25/11", date(2026, 11, 25)),
        ("23/11", TODAY),
        ("22/11", date(2027, 11, 22)),
        ("31/12", date(2026, 12, 31)),
        ("3/4", date(2027, 4, 3)),
        # months by name
        ("12 mars", date(2027, 3, 12)),
        ("12 mars 2025", date(2025, 3, 12)),
        ("le 12 mars 2025", date(2025, 3, 12)),
        ("12-mars-2025", date(2025, 3, 12)),
        ("12mars2025", date(2025, 3, 12)),
        ("12 mars 25", date(2025, 3, 12)),
        ("15 mar 2026", date(2026, 3, 15)),
        ("1er mai", date(2027, 5, 1)),
        ("premier mars", date(2027, 3, 1)),
        ("douze mars", date(2027, 3, 12)),
        ("12 decembr", date(2026, 12, 12)),
        ("12 Août 2024", date(2024, 8, 12)),
        ("29 février", date(2028, 2, 29)),
        ("١٢ مارس", date(2027, 3, 12)),
        ("25 نونبر", date(2026, 11, 25)),
        ("25 نوفمبر 2025", date(2025, 11, 25)),
        ("فاتح ماي", date(2027, 5, 1)),
        ("12 غشت", date(2027, 8, 12)),
        ("12 أغسطس", date(2027, 8, 12)),
        ("12 أوت", date(2027, 8, 12)),
        ("يوم 12 يوليوز 2025", date(2025, 7, 12)),
        ("بتاريخ 12 دجنبر من سنة 2025", date(2025, 12, 12)),
        ("12 شتنبر", date(2027, 9, 12)),
        ("12 chhar 3", date(2027, 3, 12)),
        ("12 ch8er tlata", date(2027, 3, 12)),
        ("khmsa chhar 3", date(2027, 3, 5)),
        ("١٢ شهر 3", date(2027, 3, 12)),
        ("nhar 12 mars", date(2027, 3, 12)),
        ("November 25th", date(2026, 11, 25)),
        ("25th of november 2025", date(2025, 11, 25)),
        ("november 25, 2025", date(2025, 11, 25)),
        ("2025 march 12", date(2025, 3, 12)),
        ("may 5", date(2027, 5, 5)),
        # with the weekday it is
        ("jeudi 26 novembre", date(2026, 11, 26)),
        ("الخميس 26 نونبر 2026", date(2026, 11, 26)),
        ("Thursday, 26 November 2026", date(2026, 11, 26)),
        ("jeudi dernier", date(2026, 11, 19)),
        ("الخميس الماضي", date(2026, 11, 19)),
        ("last friday", date(2026, 11, 20)),
        ("ltnin jay", date(2026, 11, 30)),
    ],
)
def test_a_day_is_read_as_people_write_it(said: str, day: date) -> None:
    assert read_day(said, TODAY) == day


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("12/03", date(2026, 3, 12)),
        ("25/11", date(2025, 11, 25)),
        ("23/11", TODAY),
        ("12 mars", date(2026, 3, 12)),
        ("25 نونبر", date(2025, 11, 25)),
        ("29 février", date(2024, 2, 29)),
        ("jeudi", date(2026, 11, 19)),
        ("12/3/98", date(1998, 3, 12)),
        ("12/3/69", date(1969, 3, 12)),
        ("12/3/24", date(2024, 3, 12)),
        ("12/3/27", date(2027, 3, 12)),  # to be told that it is in the future
    ],
)
def test_a_day_that_must_be_past_is_the_nearest_one_behind(said: str, day: date) -> None:
    assert read_day(said, TODAY, past=True) == day


@pytest.mark.parametrize(
    ("said", "readings"),
    [
        # two days it may be
        ("jeudi prochain", [date(2026, 12, 3), date(2026, 11, 26)]),
        ("الخميس القادم", [date(2026, 12, 3), date(2026, 11, 26)]),
        ("next friday", [date(2026, 12, 4), date(2026, 11, 27)]),
        ("jm3a jaya", [date(2026, 12, 4), date(2026, 11, 27)]),
        # one, but not surely
        ("jeudi 25 novembre", [date(2026, 11, 25)]),  # a Wednesday
        ("12032027", [date(2027, 3, 12)]),
        ("20270312", [date(2027, 3, 12)]),
        ("20112026", [date(2026, 11, 20)]),
        ("mars 2026", [date(2026, 3, 1)]),
        ("12/2025", [date(2025, 12, 1)]),
        ("2025/12", [date(2025, 12, 1)]),
        ("réunion le 15 mars", [date(2027, 3, 15)]),
        ("15/03/2026 à 10h", [date(2026, 3, 15)]),
        ("mardi 3 mars 2026 à 14h", [date(2026, 3, 3)]),
        # none
        ("", []),
        ("oui", []),
        ("7", []),
        ("25", []),
        ("2026", []),
        ("mars", []),
        ("chhar 3", []),
        ("31/02/2026", []),
        ("30 février", []),
        ("29/02/2027", []),
        ("32/01/2026", []),
        ("13/13/2026", []),
        ("00/00/0000", []),
        ("12/03/20255", []),
        ("1/1/1", []),
        ("14:30", []),
        ("la semaine prochaine", []),
        ("vendredi ou samedi", []),
        ("12/03/2026 ou 13/03/2026", []),
        ("3 mars 4 avril", []),
    ],
)
def test_what_is_not_sure_is_asked_about(said: str, readings: list[date]) -> None:
    with pytest.raises(Unclear) as unclear:
        read_day(said, TODAY)
    assert list(unclear.value.readings) == readings


def test_next_thursday_is_this_one_when_the_week_has_no_other() -> None:
    assert read_day("lundi prochain", TODAY) == date(2026, 11, 30)
    assert read_day("jeudi prochain", date(2026, 11, 28)) == date(2026, 12, 3)


# laws ---------------------------------------------------------------------------------------------------------------

DAYS = st.dates(date(1951, 1, 1), date(2068, 12, 31))
WRITTEN = ("d/M/y", "dd/MM/yyyy", "yyyy-MM-dd", "d MMMM y", "EEEE d MMMM y", "d MMMM, y")


@given(DAYS, st.sampled_from(sorted(LOCALES.values())), st.sampled_from(WRITTEN), st.booleans())
def test_every_day_reads_back_as_we_write_it(day: date, locale: str, written: str, past: bool) -> None:
    assert read_day(format_date(day, written, locale=locale), TODAY, past=past) == day


@given(DAYS, st.integers(0, 11), st.data())
def test_every_name_of_a_month_is_that_month(day: date, month: int, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(understand.split(lexicon.MONTHS[month]))))
    day = date(day.year, month + 1, min(day.day, 28))
    assert read_day(f"{day.day} {name} {day.year}", TODAY) == day


@given(st.text(max_size=30) | st.text(st.sampled_from("0123456789/.- ١٢٣marsjeudiغد٫٬²½T"), max_size=16), st.booleans())
def test_any_message_is_a_day_or_unclear(said: str, past: bool) -> None:
    try:
        found: tuple[date, ...] = (read_day(said, TODAY, past=past),)
    except Unclear as unclear:
        found = unclear.readings
    assert all(isinstance(day, date) for day in found)


@given(st.integers(1, 28), st.integers(1, 12), DAYS)
def test_without_a_year_it_is_the_nearest_day_on_the_asked_side(day: int, month: int, today: date) -> None:
    ahead, behind = read_day(f"{day}/{month}", today), read_day(f"{day}/{month}", today, past=True)
    assert (ahead.day, ahead.month) == (behind.day, behind.month) == (day, month)
    assert timedelta(0) <= ahead - today <= timedelta(366)
    assert timedelta(0) <= today - behind <= timedelta(366)


# the clock ----------------------------------------------------------------------------------------------------------

MOROCCO = "Africa/Casablanca"


@pytest.mark.parametrize(
    ("instant", "hours"),
    [
        (datetime(2025, 3, 15, 12, tzinfo=UTC), 0),  # Ramadan 1446
        (datetime(2025, 7, 1, 12, tzinfo=UTC), 1),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), 0),  # Ramadan 1447
        (datetime(2026, 7, 1, 12, tzinfo=UTC), 1),
        (datetime(2026, 9, 19, 12, tzinfo=UTC), 1),  # the last day of the old time
        (datetime(2026, 9, 21, 12, tzinfo=UTC), 0),
        (datetime(2026, 12, 1, 12, tzinfo=UTC), 0),
        (datetime(2027, 2, 20, 12, tzinfo=UTC), 0),  # Ramadan 1448: nothing moves any more
        (datetime(2027, 7, 1, 12, tzinfo=UTC), 0),
    ],
)
def test_moroccan_clocks_come_from_the_pinned_zone_data(instant: datetime, hours: int) -> None:
    use_pinned_zone_data()
    assert zoneinfo.TZPATH == ()
    assert instant.astimezone(ZoneInfo(MOROCCO)).utcoffset() == timedelta(hours=hours)


def test_tomorrow_is_the_founders_tomorrow() -> None:
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC).astimezone(ZoneInfo(MOROCCO))  # half past midnight in Morocco
    assert read_day("demain", late.date()) == date(2026, 7, 3)
