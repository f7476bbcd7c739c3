"""The command line: `mouwakib init`, `serve`, `console`, `migrate`, `programme check`, `doctor`, `people`, `whatsapp`, `map`."""

from __future__ import annotations

import asyncio
import gc
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from bot.zone import StaleZoneData, use_pinned_zone_data


@click.group()
@click.version_option(package_name="mouwakib", message="mouwakib %(version)s")
def main() -> None:
    """Mouwakib, the assistant of an innovation hub: eligibility, applications and coaching by chat."""
    try:
        use_pinned_zone_data()
    except StaleZoneData as stale:
        _fail(str(stale))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--language", type=click.Choice(["ar", "fr", "en"]), default="en", help="Of the explanations.")
def init(folder: Path, language: str) -> None:
    """Lay down in FOLDER a programme file to edit and a .env with every setting explained."""
    from bot.commands.init import Occupied, lay_down

    try:
        click.echo(lay_down(folder, language))
    except Occupied as occupied:
        _fail(str(occupied))
    except OSError as error:
        _fail(f"{folder}: {error.strerror}")


@main.command()
def serve() -> None:
    """Everything: the web page, Telegram, delivery, chores. Creates or upgrades the database."""
    gc.disable()  # until everything is loaded: nothing of it is garbage, and looking through it takes a fifth of the start
    import uvicorn

    from bot.delivery.leader import AlreadyServed
    from bot.log import start_logging
    from bot.serve import Served
    from storage import Unavailable
    from storage.schema import Newer

    settings = _settings()
    start_logging(pretty=sys.stderr.isatty())
    served = _or_fail(Served, settings)
    click.echo(
        f"Mouwakib: http://{settings.host}:{settings.port} ({settings.database_url.partition(':')[0]})", err=True
    )
    server = uvicorn.Server(
        uvicorn.Config(
            served.asgi,
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http=served.http,
            ws="none",
            lifespan="on",
            access_log=False,
            proxy_headers=False,
            log_level="critical",
            server_header=False,
            backlog=4096,
            timeout_graceful_shutdown=8,
        )
    )
    with suppress(SystemExit):  # uvicorn's way out when it could not start; why is said here
        server.run()
    match served.failed:
        case AlreadyServed():
            _fail(
                "MOUWAKIB_DATABASE_URL: another process already serves this SQLite file; stop it, or use PostgreSQL for several"
            )
        case Newer() as newer:
            _fail(str(newer))
        case Unavailable() as away:
            _fail(f"MOUWAKIB_DATABASE_URL: the database cannot be reached ({away})")
        case Exception() as error:
            _fail(f"Mouwakib cannot start ({type(error).__name__}); try: mouwakib doctor")
    if not server.started:
        _fail(
            f"MOUWAKIB_PORT: cannot listen on {settings.host}:{settings.port}: choose another port, or stop what uses it"
        )


@main.command()
@click.option("--language", type=click.Choice(["ar", "fr", "en"]), help="Begin in this language.")
def console(language: str | None) -> None:
    """The same bot in this terminal; an empty line or Ctrl-D ends it, @PATH sends a document."""
    from bot.commands.console import talk

    asyncio.run(_or_fail_async(talk(_settings(), language or "")))


@main.command()
def migrate() -> None:
    """Create the database, or upgrade it to this version."""
    from storage import schema
    from storage.database import Database

    async def run() -> None:
        database = Database(_settings().database_url)
        click.echo("upgraded" if await schema.upgrade(database) else "up to date")
        await database.close()

    asyncio.run(_or_fail_async(run()))


@main.group()
def programme() -> None:
    """The programme file, which staff edit."""


@programme.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--language", type=click.Choice(["ar", "fr", "en"]), default="en", help="Of what is said about mistakes.")
def check(file: Path, language: str) -> None:
    """Check a programme FILE: every mistake with its line and field."""
    from bot.settings import HOME
    from handlers.programme.load import BadProgramme, load
    from handlers.talk.words import read_languages

    try:
        found = load(file)
    except BadProgramme as bad:
        tongue = read_languages(HOME / "locales")[language]
        for mistake in bad.mistakes:
            click.echo(mistake.said(tongue))
        sys.exit(1)
    checks, fields = len(found.eligibility.questions), len(found.form.fields)
    click.echo(
        f"{file}: in order ({checks} questions of eligibility, {fields} of the form, {len(found.faq)} of the FAQ)"
    )


@main.command()
def doctor() -> None:
    """Check settings, zone data, programme, database and channels; one line each."""
    from bot.commands.doctor import examine

    if not asyncio.run(examine(_settings(), click.echo)):
        sys.exit(1)


@main.group(name="people")
def people_() -> None:
    """Who speaks with us, and what they may do."""


@people_.command()
@click.argument("address")
@click.argument("role")
def grant(address: str, role: str) -> None:
    """Give a ROLE (coach, reviewer, staff, admin) to the person at ADDRESS, e.g. telegram:5880014477."""
    from storage import people

    channel, colon, place = address.partition(":")
    if channel == "whatsapp":
        place = re.sub(r"[+ ]", "", place)  # as one writes a number, and as it is kept
    if not (colon and channel and place):
        _fail("ADDRESS is a channel and an address, e.g. telegram:5880014477 (mouwakib people list shows them)")

    async def run(db: Any, now: Any) -> str:
        person = await people.at(db, channel, place) or await people.add(db, channel, place, now)
        return f"{address} is now: {', '.join(await people.grant(db, person, role, now))}"

    if role not in people.ROLES:
        _fail(f"there is no role {role!r}: {', '.join(people.ROLES)}")
    click.echo(_with_database(run))


@people_.command(name="list")
def list_() -> None:
    """Everybody: addresses, language, roles, last seen. No names: those are theirs."""
    from storage import people

    async def run(db: Any, now: Any) -> str:
        rows = await people.listed(db)
        return "\n".join(
            f"{id}\t{' '.join(places)}\t{language or '-'}\t{','.join(roles)}\t{seen:%Y-%m-%d %H:00}"
            for id, places, language, roles, seen in rows
        )

    click.echo(_with_database(run))


@main.group()
def whatsapp() -> None:
    """WhatsApp's Cloud API."""


@whatsapp.command()
@click.option("--push", is_flag=True, help="Submit to Meta what it does not have yet.")
def templates(push: bool) -> None:
    """Show every notice as the template Meta must approve, with its state there."""
    from bot.commands.templates import show

    if not asyncio.run(show(_settings(), click.echo, push=push)):
        sys.exit(1)


@main.command(name="map")
@click.option("--language", type=click.Choice(["ar", "fr", "en"]), default="en")
def map_(language: str) -> None:
    """Print every branch of every conversation, walked from the code."""
    from bot.commands.map import draw

    for line in asyncio.run(_or_fail_async(draw(_settings(), language))):
        click.echo(line)


def _settings() -> Any:
    from bot.settings import BadSettings, read_settings

    try:
        return read_settings()
    except BadSettings as bad:
        _fail(str(bad))


def _or_fail(make: Any, settings: Any) -> Any:
    """What `make` makes; a wrong programme file or setting is one line each, and the end."""
    from bot.settings import HOME
    from handlers.programme.load import BadProgramme
    from handlers.talk.words import read_languages

    try:
        return make(settings)
    except BadProgramme as bad:
        tongue = read_languages(HOME / "locales")["en"]
        _fail("MOUWAKIB_PROGRAMME:\n" + "\n".join(mistake.said(tongue) for mistake in bad.mistakes))


async def _or_fail_async(work: Any) -> Any:
    from storage import Unavailable
    from storage.schema import Newer

    try:
        return await work
    except Unavailable as away:
        _fail(f"MOUWAKIB_DATABASE_URL: the database cannot be reached ({away})")
    except Newer as newer:
        _fail(str(newer))


def _with_database(run: Any) -> str:
    """What a query says, in a transaction of its own on an upgraded database."""
    from datetime import UTC, datetime

    from storage import schema
    from storage.database import Database

    async def within() -> str:
        database = Database(_settings().database_url)
        await schema.upgrade(database)
        async with database.transaction() as db:
            said = str(await run(db, datetime.now(UTC)))
        await database.close()
        return said

    return str(asyncio.run(_or_fail_async(within())))


def _fail(line: str) -> NoReturn:
    click.echo(line, err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
