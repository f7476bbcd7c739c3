"""Which times are free: tables of hours, days that differ, holidays, caps and what is taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import HOME
from handlers.coaching import slots
from handlers.coaching.words import rules_of
from handlers.notices.quiet_hours import outside_quiet_hours
from handlers.programme.load import load
from handlers.programme.model import Coaching

PROGRAMME = load(HOME / "programmes" / "technopark-oujda.yaml")
RULES = rules_of(PROGRAMME)
ZONE = ZoneInfo("Africa/Casablanca")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
SALMA, KARIM = 1, 2


def person(**more: Any) -> Any:
    return SimpleNamespace(
        **{"away": False, "per_week": 0, "topics": ["legal"], "languages": ["fr"], "name": "Salma", **more}
    )


def week(
    weekday: int,
    start: int = 9,
    end: int = 12,
    since: date | None = None,
    until: date | None = None,
    coach: int = SALMA,
) -> Any:
    return SimpleNamespace(
        coach_id=coach, weekday=weekday, start=start * 60, end=end * 60, place="site", since=since, until=until
    )


def day(on: date, start: int | None = None, end: int | None = None, coach: int | None = SALMA) -> Any:
    hours = (start * 60, end * 60) if start is not None and end is not None else (None, None)
    return SimpleNamespace(coach_id=coach, day=on, start=hours[0], end=hours[1], place="site")


def taken(at: datetime, coach: int = SALMA) -> Any:
    return SimpleNamespace(id=9, coach_id=coach, founder_id=3, starts_at=at, free_at=at + timedelta(minutes=60))


def free(
    *hours: Any,
    days: tuple[Any, ...] = (),
    busy: tuple[Any, ...] = (),
    rules: Coaching = RULES,
    coaches: dict[int, Any] | None = None,
) -> list[str]:
    """The free local times of the next fortnight."""
    first, last = NOW + timedelta(hours=rules.lead), NOW + timedelta(days=14)
    found = slots.free(rules, ZONE, coaches or {SALMA: person()}, hours, days, busy, first, last)
    return [slot.starts_at.astimezone(ZONE).strftime("%d/%m %H:%M") for slot in found]


def test_a_session_fits_into_its_hours_with_the_pause_between_two() -> None:
    assert free(week(3)) == ["26/11 09:00", "26/11 10:00", "26/11 11:00", "03/12 09:00", "03/12 10:00", "03/12 11:00"]


def test_nothing_is_offered_sooner_than_the_notice_the_coach_needs() -> None:
    # Tuesday 9:00 is 24 hours from now to the minute
    assert free(week(0), week(1))[:4] == ["24/11 09:00", "24/11 10:00", "24/11 11:00", "30/11 09:00"]
    assert free(week(1), rules=RULES.model_copy(update={"lead": 25}))[0] == "24/11 10:00"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((day(date(2026, 11, 26)),), ["03/12"]),  # off
        ((day(date(2026, 11, 26), coach=None),), ["03/12"]),  # the hub is closed
        ((day(date(2026, 11, 26), coach=KARIM),), ["26/11", "03/12"]),  # somebody else is off
        ((day(date(2026, 11, 28), 9, 10),), ["26/11", "28/11", "03/12"]),  # a Saturday opened
    ],
)
def test_days_that_differ_count_for_whom_they_are_meant(days: tuple[Any, ...], expected: list[str]) -> None:
    assert list(dict.fromkeys(at[:5] for at in free(week(3), days=days))) == expected


def test_public_holidays_are_off_unless_the_hub_says_otherwise() -> None:
    independence = date(2027, 1, 11)  # a Monday
    assert independence in slots.holidays_of("MA", 2027)
    rows = [week(0)]
    assert not list(slots.windows(RULES, rows, [], SALMA, independence))
    assert list(slots.windows(RULES.model_copy(update={"open": [independence]}), rows, [], SALMA, independence)) == [
        (540, 720, "site")
    ]
    assert not list(
        slots.windows(RULES.model_copy(update={"closed": [date(2026, 11, 30)]}), rows, [], SALMA, date(2026, 11, 30))
    )
    assert list(slots.windows(RULES.model_copy(update={"holidays": ""}), rows, [], SALMA, independence))


def test_dated_hours_stand_in_for_the_usual_ones_on_all_weekdays() -> None:
    ramadan = week(0, 10, 13, since=date(2027, 2, 8), until=date(2027, 3, 9))
    rows = [week(0), week(3), ramadan]
    assert list(slots.windows(RULES, rows, [], SALMA, date(2027, 2, 1))) == [(540, 720, "site")]
    assert list(slots.windows(RULES, rows, [], SALMA, date(2027, 2, 8))) == [(600, 780, "site")]
    assert not list(slots.windows(RULES, rows, [], SALMA, date(2027, 2, 11))), (
        "on Thursdays of Ramadan she does not receive"
    )
    assert list(slots.windows(RULES, rows, [], SALMA, date(2027, 3, 11))) == [(540, 720, "site")]


def test_what_is_taken_is_not_free_and_neither_is_the_pause_around_it() -> None:
    ten = datetime(2026, 11, 26, 10, tzinfo=UTC)
    assert free(week(3), busy=(taken(ten),))[:3] == ["26/11 09:00", "26/11 11:00", "03/12 09:00"]
    assert free(week(3), busy=(taken(ten + timedelta(minutes=5)),))[:2] == ["26/11 09:00", "03/12 09:00"]
    assert free(week(3), busy=(taken(ten, KARIM),))[:3] == ["26/11 09:00", "26/11 10:00", "26/11 11:00"]


def test_a_coach_with_a_full_week_or_away_is_not_offered() -> None:
    ten = datetime(2026, 11, 26, 10, tzinfo=UTC)
    full = {SALMA: person(per_week=1)}
    assert free(week(3), week(4), busy=(taken(ten),), coaches=full)[0] == "03/12 09:00"
    assert free(week(3), coaches={SALMA: person(away=True)}) == []


def test_at_one_time_the_coach_who_knows_the_project_comes_first_then_who_speaks_the_language_then_with_less_to_do() -> (
    None
):
    at = datetime(2026, 11, 26, 10, tzinfo=UTC)
    both = [slots.Slot(SALMA, at, "site"), slots.Slot(KARIM, at, "site")]
    people = {SALMA: person(), KARIM: person(languages=["fr", "ar"])}
    assert slots.Calendar(people, both, {SALMA: 1, KARIM: 3}, set(), "ar").best(both)[0].coach == KARIM
    assert slots.Calendar(people, both, {SALMA: 1, KARIM: 3}, {SALMA}, "ar").best(both)[0].coach == SALMA
    assert slots.Calendar(people, both, {SALMA: 1, KARIM: 3}, set()).best(both)[0].coach == SALMA
    assert slots.Calendar(people, both, {SALMA: 1, KARIM: 3}, {KARIM}).best(both)[0].coach == KARIM


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2026-02-10T10:00", "2026-02-10T09:00"),  # before Ramadan the clock stood at +01:00
        ("2026-03-05T10:00", "2026-03-05T10:00"),  # in Ramadan at +00:00
        ("2026-09-18T10:00", "2026-09-18T09:00"),  # the last Friday of summer time
        ("2026-09-21T10:00", "2026-09-21T10:00"),  # for good at +00:00
        ("2027-02-20T10:00", "2027-02-20T10:00"),
        ("2027-07-01T10:00", "2027-07-01T10:00"),
    ],
)
def test_local_wall_time_is_the_instant_of_the_pinned_zone_data(wall: str, instant: str) -> None:
    local = datetime.fromisoformat(wall)
    assert slots.instant(local.date(), local.hour * 60 + local.minute, ZONE) == datetime.fromisoformat(instant).replace(
        tzinfo=UTC
    )


moments = st.datetimes(datetime(2026, 10, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


@given(moments)
def test_quiet_hours_shift_and_never_swallow(due: datetime) -> None:
    at = outside_quiet_hours(RULES, ZONE, due)
    assert RULES.quiet_until <= at.astimezone(ZONE).hour < RULES.quiet_from
    assert timedelta(0) <= at - due <= timedelta(hours=11)


@given(moments, st.integers(0, 24 * 60))
def test_a_reminder_shifted_by_quiet_hours_still_comes_before_its_session(due: datetime, ahead: int) -> None:
    latest = due + timedelta(minutes=ahead)
    at = outside_quiet_hours(RULES, ZONE, due, latest=latest)
    assert at <= max(latest, due)
    assert RULES.quiet_until <= at.astimezone(ZONE).hour < RULES.quiet_from
