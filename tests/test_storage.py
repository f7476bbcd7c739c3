"""What we keep: the schema step by step, the constraints that hold it, and the same answers from both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from storage import Conflict, applications, exchanges, outbox, privacy, schema, turns
from storage.database import Database, Db, engine_url, instant, stamp
from storage.messages import OutboxMessage
from storage.tables import (
    AddressRow,
    ApplicationRow,
    ConsentRow,
    ExchangeRow,
    FileRow,
    InboxRow,
    OutboxRow,
    PersonRow,
    Table,
    TalkRow,
)
from storage.turns import Changes
from tests.chat import START

ADDRESS = "founder"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url)
    yield found
    await found.close()


# the schema -------------------------------------------------------------------------------------------------------


def indexes(connection: Connection) -> set[tuple[str, str]]:
    """Every index as its database writes it, conditions included."""
    if connection.dialect.name == "postgresql":
        rows = connection.execute(
            text(
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            )
        )
    else:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    return {(name, definition.replace('"', "")) for name, definition in rows}


def difference(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": Table.metadata})
    return list(compare_metadata(context, Table.metadata))


def down(connection: Connection) -> None:
    command.downgrade(schema.config(connection), "base")


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


async def test_the_migrated_schema_is_the_one_of_the_tables(database: Database) -> None:
    async with database.transaction() as db:
        assert await db.run_sync(difference) == []
        migrated = await db.run_sync(indexes)
        await db.run_sync(down)
        await db.run_sync(Table.metadata.create_all)
        assert await db.run_sync(indexes) == {
            index for index in migrated if not index[0].startswith("bookings_apart_")
        }  # see 0002_coaching


async def test_every_step_goes_up_down_and_up_again(database: Database) -> None:
    assert not await schema.upgrade(database), "the test's database is new"
    async with database.transaction() as db:
        assert await db.run_sync(schema.step) == schema.HEAD
        await db.run_sync(down)
        assert await db.run_sync(tables) == {"alembic_version"}
        assert await db.run_sync(schema.step) == ""
    assert await schema.upgrade(database)
    async with database.transaction() as db:
        assert await db.run_sync(difference) == []
    assert not await schema.upgrade(database)


async def test_several_processes_may_upgrade_at_once(database: Database) -> None:
    async with database.transaction() as db:
        await db.run_sync(down)
    others = [Database(database.url.render_as_string(hide_password=False)) for _number in range(2)]
    done = await asyncio.gather(*(schema.upgrade(one) for one in (database, *others)))
    assert sorted(done) == [False, False, True]
    for one in others:
        await one.close()


async def test_an_upgrade_may_take_longer_than_a_bot_waits_for_an_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction() as db:
        await db.run_sync(down)
    monkeypatch.setattr(
        "storage.database.STATEMENT_S", -0.999
    )  # no statement is that quick, and no server takes such a limit
    hasty = Database(database.url)
    assert await schema.upgrade(hasty)
    await hasty.close()


async def test_sqlite_keeps_what_it_committed_even_if_the_power_fails(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    async with database.transaction() as one, database.reading() as two:
        for db in (one, two):
            assert {name: await db.scalar(text(f"PRAGMA {name}")) for name in wanted} == wanted
    await database.close()


@pytest.mark.parametrize(
    ("url", "driver"),
    [("sqlite:///a.db", "sqlite+aiosqlite"), ("postgresql://a/b", "postgresql+asyncpg"), ("mysql://a/b", "")],
)
def test_a_database_url_needs_no_driver_and_names_one_we_know(url: str, driver: str) -> None:
    if not driver:
        with pytest.raises(ValueError, match="mysql is not a database we know"):
            engine_url(url)
        return
    assert engine_url(url).drivername == driver


# constraints ------------------------------------------------------------------------------------------------------


def a_person(**more: Any) -> Any:
    return insert(PersonRow).values(created_at=START, seen_at=START, **more)


def an_address(person: int, channel: str = "paper", address: str = ADDRESS) -> Any:
    return insert(AddressRow).values(person_id=person, channel=channel, address=address, used_at=START)


def an_application(person: int | None, reference: str, status: str = "submitted", programme: str = "oujda") -> Any:
    return insert(ApplicationRow).values(
        person_id=person,
        programme=programme,
        reference=reference,
        applicant="company",
        status=status,
        answers={},
        submitted_at=START,
        changed_at=START,
        promised_on=START.date(),
    )


def an_exchange(person: int | None, closed_at: datetime | None = None) -> Any:
    return insert(ExchangeRow).values(person_id=person, opened_at=START, closed_at=closed_at)


def a_letter(purpose: str | None) -> Any:
    fixed = {
        "channel": "paper",
        "address": ADDRESS,
        "lane": 0,
        "body": {},
        "state": "queued",
        "created_at": START,
        "not_before": START,
    }
    return insert(OutboxRow).values(purpose=purpose, **fixed)


def a_message(id: str, channel: str = "paper") -> Any:
    return insert(InboxRow).values(channel=channel, message_id=id, at=START)


def a_file(id: str, person: int) -> Any:
    return insert(FileRow).values(id=id, person_id=person, name="cv.pdf", kind="application/pdf", size=1, at=START)


@pytest.mark.parametrize(
    ("before", "refused"),
    [
        ([an_address(1)], an_address(2)),
        ([an_address(1)], an_address(1)),
        ([], an_address(77)),
        ([an_application(1, "OUJ-1")], an_application(2, "OUJ-1")),
        ([an_application(1, "OUJ-1")], an_application(1, "OUJ-2", "in_review")),
        ([an_application(1, "OUJ-1", "missing_docs")], an_application(1, "OUJ-2", "waitlisted")),
        ([an_exchange(1)], an_exchange(1)),
        ([a_letter("new:1")], a_letter("new:1")),
        ([a_message("7")], a_message("7")),
        ([a_file("abc", 1)], a_file("abc", 2)),
        ([], a_file("abc", 77)),
    ],
)
async def test_the_database_itself_refuses_what_must_not_be(
    database: Database, before: list[Any], refused: Any
) -> None:
    async with database.transaction() as db:
        for statement in (a_person(), a_person(), *before):
            await db.execute(statement)
    with pytest.raises(IntegrityError):
        async with database.transaction() as db:
            await db.execute(refused)


@pytest.mark.parametrize(
    "allowed",
    [
        [an_address(1), an_address(1, "web"), an_address(2, "paper", "another")],
        [an_application(1, "OUJ-1", "refused"), an_application(1, "OUJ-2", "withdrawn"), an_application(1, "OUJ-3")],
        [an_application(1, "OUJ-1"), an_application(2, "OUJ-2"), an_application(1, "RAB-1", programme="rabat")],
        [an_application(None, "OUJ-1"), an_application(None, "OUJ-2")],
        [
            an_exchange(1, START),
            an_exchange(1, START),
            an_exchange(1),
            an_exchange(2),
            an_exchange(None),
            an_exchange(None),
        ],
        [a_letter(None), a_letter(None), a_letter("new:1"), a_letter("new:2")],
        [a_message("7"), a_message("8"), a_message("7", "web")],
    ],
)
async def test_and_it_does_not_refuse_what_may_be(database: Database, allowed: list[Any]) -> None:
    async with database.transaction() as db:
        for statement in (a_person(), a_person(), *allowed):
            await db.execute(statement)


async def test_a_moment_without_a_zone_is_refused_rather_than_guessed(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        async with database.transaction() as db:
            await db.execute(a_person().values(seen_at=datetime(2026, 11, 23)))


@pytest.mark.parametrize("hours", [-11, 0, 1, 14])
async def test_a_moment_comes_back_as_the_same_instant_in_utc(database: Database, hours: int) -> None:
    moment = datetime(2026, 11, 23, 23, 59, 59, 999_999, timezone(timedelta(hours=hours)))
    async with database.transaction() as db:
        await db.execute(a_person().values(seen_at=moment))
        found = await db.scalar(select(PersonRow.seen_at))
        [(raw,)] = (await db.exec_driver_sql("SELECT seen_at FROM people")).all()
    assert found is not None
    assert (found, found.tzinfo) == (moment, UTC)
    assert instant(raw) == moment
    assert instant(stamp(moment)) == moment


# application numbers ----------------------------------------------------------------------------------------------


async def submitted(database: Database, person: int, *, year: int = 2026, fails: bool = False) -> str:
    try:
        async with database.transaction() as db:
            given = {"complete": True, "promised_on": date(year, 12, 7), "now": START, "today": date(year, 11, 23)}
            made = await applications.submit(db, person, "oujda", "OUJ", "company", {"a": 1}, [], **given)  # type: ignore[arg-type]
            if fails:
                raise ZeroDivisionError
            return made.reference
    except ZeroDivisionError:
        return ""


async def test_numbers_are_unique_and_without_gaps_however_many_submit_at_once_and_some_fail(
    database: Database,
) -> None:
    other = Database(database.url.render_as_string(hide_password=False))
    async with database.transaction() as db:
        for _number in range(25):
            await db.execute(a_person())
    pairs = [(number, number % 5 == 0) for number in range(1, 26)]
    given = await asyncio.gather(
        *(submitted((database, other)[number % 2], number, fails=fails) for number, fails in pairs)
    )
    assert sorted(filter(None, given)) == [f"OUJ-2026-{number:04d}" for number in range(1, 21)]
    assert await submitted(database, 5, year=2027) == "OUJ-2027-0001"
    assert await submitted(database, 10) == "OUJ-2026-0021"
    await other.close()


async def test_who_submits_twice_at_once_has_one_application(database: Database) -> None:
    async with database.transaction() as db:
        await db.execute(a_person())
    other = Database(database.url.render_as_string(hide_password=False))
    done = await asyncio.gather(
        *(submitted(one, 1) for one in (database, other, database, other)), return_exceptions=True
    )
    assert sorted(str(one) if isinstance(one, str) else type(one).__name__ for one in done) == ["Conflict"] * 3 + [
        "OUJ-2026-0001"
    ]
    await other.close()


async def test_who_calls_the_team_twice_at_once_has_one_exchange(database: Database) -> None:
    async with database.transaction() as db:
        await db.execute(a_person())
    other = Database(database.url.render_as_string(hide_password=False))

    async def begin(one: Database) -> int:
        for _try in range(3):
            try:
                async with one.transaction() as db:
                    return (await exchanges.begin(db, 1, START)).id
            except Conflict:
                continue
        raise AssertionError("never begun")

    assert set(await asyncio.gather(*(begin(one) for one in (database, other, database, other)))) == {1}
    await other.close()


# the same answers from both ---------------------------------------------------------------------------------------

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | names,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
facts = st.dictionaries(names, values, max_size=3)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
numbers = st.integers(0, 2**31 - 1)


@st.composite
def a_life(draw: st.DrawFn) -> dict[str, Any]:
    """What one person does in a group of turns."""
    talks = draw(st.dictionaries(st.integers(1, 9), facts, max_size=3))
    return {
        "name": draw(names),
        "language": draw(st.sampled_from(["ar", "fr", ""])),
        "agreed": draw(st.lists(names, max_size=2)),
        "profile": draw(facts),
        "front": draw(numbers),
        "at": draw(moments),
        "talks": talks,
        "closed": draw(st.sets(st.sampled_from(sorted(talks)))) if talks else set(),
        "consents": draw(st.lists(st.tuples(st.booleans(), names), max_size=2)),
        "letters": draw(st.lists(st.tuples(facts, st.integers(0, 2), moments | st.none()), max_size=3)),
    }


async def lived(db: Db, lives: list[dict[str, Any]], example: int) -> list[Any]:
    """What storage says when these people come, speak and come back; without the numbers a database gives."""
    keys = [("paper", f"{example}:{at}") for at in range(len(lives))]
    told: list[Any] = [await turns.load(db, keys)]
    ids = await turns.welcome(db, [(*key, life["name"]) for key, life in zip(keys, lives, strict=True)], START)
    place = {id: at for at, id in enumerate(ids)}
    changes = Changes()
    for id, key, life in zip(ids, keys, lives, strict=True):
        at = stamp(life["at"])
        row = {name: life[name] for name in ("language", "name", "agreed", "profile", "front")}
        changes.people.append({"id": id, **row, "talks": 9, "handoff": 0, "at": at})
        changes.addresses.append({"channel": key[0], "address": key[1], "at": at})
        changes.talks += [
            {"person": id, "number": n, "name": "check", "state": state, "at": at} for n, state in life["talks"].items()
        ]
        proofs = [{"purpose": "data", "granted": yes, "version": version} for yes, version in life["consents"]]
        changes.consents += [
            {"person": id, **proof, "language": "fr", "channel": "paper", "at": at} for proof in proofs
        ]
        changes.messages += [
            OutboxMessage(id, *key, said, lane, "queued", not_before=due) for said, lane, due in life["letters"]
        ]
    await turns.keep(db, changes, START)
    assert [letter.id for letter in changes.messages] == sorted({letter.id for letter in changes.messages})
    said = {letter.id: letter.body for letter in changes.messages}
    for letter_id, kept in await db.execute(select(OutboxRow.id, OutboxRow.body).where(OutboxRow.id.in_(said))):
        assert kept == said[letter_id], "each letter learns its own number"
    await turns.keep(
        db,
        Changes(
            closed=[{"person": id, "number": n} for id, life in zip(ids, lives, strict=True) for n in life["closed"]]
        ),
        START,
    )
    for known in await turns.load(db, [*keys, ("paper", "nobody")]):
        told.append(
            known
            and (
                place[known.id],
                known.name,
                known.language,
                known.agreed,
                known.profile,
                known.current,
                known.seen_at,
                known.used_at,
            )
        )
        told.append(known and sorted((number, *rest) for number, rest in known.open.items()))
    messages = [(*key, id, START, life["name"], "") for key, id, life in zip(keys, ids, lives, strict=True)]
    told += [sorted(await turns.receive(db, messages)), sorted(await turns.receive(db, messages))]
    for table in (ConsentRow, TalkRow, OutboxRow, InboxRow):
        mine = select(*(column for column in table.__table__.c if column.name not in ("id", "person_id"))).where(
            table.person_id.in_(ids)
        )
        rows = sorted((dict(row) for row in (await db.execute(mine)).mappings()), key=repr)
        told.append([(table.__tablename__, row) for row in rows])
    return told


def test_whatever_people_do_both_databases_tell_it_the_same(sqlite_url: str, postgresql_url: str) -> None:
    with asyncio.Runner() as runner:
        databases = [Database(sqlite_url), Database(postgresql_url)]
        examples = iter(range(10_000))

        @settings(max_examples=40, suppress_health_check=list(HealthCheck))
        @given(st.lists(a_life(), min_size=1, max_size=4))
        def same(lives: list[dict[str, Any]]) -> None:
            example = next(examples)

            async def on(database: Database) -> list[Any]:
                async with database.transaction() as db:
                    return await lived(db, lives, example)

            one, two = (runner.run(on(database)) for database in databases)
            assert one == two

        same()
        for database in databases:
            runner.run(database.close())


@pytest.mark.parametrize(
    "ask",
    [lambda db: turns.load(db, []), lambda db: turns.keep(db, Changes(), START), lambda db: outbox.mark(db, [], START)],
)
async def test_nothing_is_asked_of_the_database_for_nobody(
    database: Database, ask: Callable[[Db], Awaitable[Any]]
) -> None:
    async with database.transaction() as db:
        assert not await ask(db)


# forgetting with time ---------------------------------------------------------------------------------------------


async def test_words_are_forgotten_after_thirty_days_and_drafts_after_ninety(database: Database) -> None:
    days = [1, 29, 31, 89, 91]
    async with database.transaction() as db:
        await db.execute(a_person())
        for number, age in enumerate(days):
            at = START - timedelta(days=age)
            await db.execute(a_message(str(age)).values(at=at))
            await db.execute(insert(TalkRow).values(person_id=1, number=number, name=str(age), state={}, touched_at=at))
        await privacy.forget_old_words(db, START)
        await privacy.forget_stale_talks(db, START)
        assert set(await db.scalars(select(InboxRow.message_id))) == {"1", "29"}
        assert set(await db.scalars(select(TalkRow.name))) == {"1", "29", "31", "89"}
