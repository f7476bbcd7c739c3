"""`mouwakib doctor`: what could keep this installation from working, one line each, with the mend."""

from __future__ import annotations

from collections.abc import Callable

from pydantic_core import from_json

from bot.channels.bridge.channel import ask
from bot.channels.bridge.configured import dialects
from bot.channels.http_client import HttpClient, NotSent, Uncertain
from bot.channels.whatsapp.account import Refusal
from bot.commands.templates import Account
from bot.settings import HOME, Settings
from bot.zone import StaleZoneData, use_pinned_zone_data
from handlers.programme.load import BadProgramme, load
from handlers.rights import TEAM
from handlers.talk.words import read_languages
from storage import Unavailable, people, schema
from storage.database import Database


async def examine(settings: Settings, say: Callable[[str], object]) -> bool:
    """Say what was found; True if nothing stands in the way."""
    well = True

    def report(ok: bool, line: str) -> None:
        nonlocal well
        well &= ok
        say(f"{'ok  ' if ok else 'BAD '} {line}")

    try:
        report(True, f"zone data: {use_pinned_zone_data()}, Africa/Casablanca is at +00:00")
    except StaleZoneData as stale:
        report(False, str(stale))
    report(
        True,
        "MOUWAKIB_SECRET: set"
        if settings.secret.get_secret_value()
        else "MOUWAKIB_SECRET: not set, so no key derives from it; mouwakib init FOLDER makes one in FOLDER/.env",
    )
    try:
        programme = load(settings.programme)
        report(True, f"MOUWAKIB_PROGRAMME: {programme.programme}, site {programme.site}")
    except BadProgramme as bad:
        tongue = read_languages(HOME / "locales")["en"]
        for mistake in bad.mistakes:
            report(False, f"MOUWAKIB_PROGRAMME: {mistake.said(tongue)}")
    await _database(settings, report)
    try:
        settings.files.mkdir(parents=True, exist_ok=True)
        report(True, "MOUWAKIB_FILES: the folder can be written")
    except OSError as error:
        report(False, f"MOUWAKIB_FILES: the folder cannot be made ({error.strerror})")
    await _telegram(settings, report)
    await _whatsapp(settings, report)
    await _bridges(settings, report)
    return well


async def _database(settings: Settings, report: Callable[[bool, str], None]) -> None:
    database = Database(settings.database_url)
    try:
        async with database.reading() as db:
            step = await db.run_sync(schema.step)
            ready = step == schema.HEAD
            if step > schema.HEAD:
                report(
                    False,
                    f"MOUWAKIB_DATABASE_URL: at step {step}, newer than this version ({schema.HEAD}): install the newer version again",
                )
                return
            state = (
                f"at step {step}"
                if ready
                else f"at step {step or 'none'}, {schema.HEAD} is needed: mouwakib migrate (or serve) upgrades it"
            )
            report(True, f"MOUWAKIB_DATABASE_URL: reached, {state}")
            if ready:
                team = len(await people.with_role(db, *TEAM))
                report(True, f"team: {team}" if team else "team: nobody yet; mouwakib people grant telegram:ID staff")
    except Unavailable as away:
        report(False, f"MOUWAKIB_DATABASE_URL: cannot be reached ({away})")
    finally:
        await database.close()


async def _telegram(settings: Settings, report: Callable[[bool, str], None]) -> None:
    token = settings.telegram_token.get_secret_value()
    if not token:
        report(True, "Telegram: off (MOUWAKIB_TELEGRAM_TOKEN is not set)")
        return
    if settings.public_url and not settings.telegram_webhook:
        report(True, "Telegram: long polling; for webhooks set MOUWAKIB_SECRET beside an https MOUWAKIB_PUBLIC_URL")
    lean = HttpClient(settings.telegram_api)
    try:
        status, raw = await lean.post(f"/bot{token}/getMe", b"{}")
        answer = from_json(raw) if status == 200 else {}
        if answer.get("ok"):
            report(True, f"Telegram: bot {answer['result'].get('username', answer['result']['id'])}")
        else:
            report(False, f"MOUWAKIB_TELEGRAM_TOKEN: Telegram refuses it ({status}); ask BotFather for a new one")
    except (NotSent, Uncertain, ValueError) as error:
        report(False, f"MOUWAKIB_TELEGRAM_API: cannot be reached ({type(error).__name__})")
    finally:
        await lean.close()


async def _whatsapp(settings: Settings, report: Callable[[bool, str], None]) -> None:
    if not settings.whatsapp_token.get_secret_value():
        report(True, "WhatsApp: off (MOUWAKIB_WHATSAPP_TOKEN is not set)")
        return
    account = Account(settings)
    try:
        report(True, f"WhatsApp: number {settings.whatsapp_phone_id} of account {await account.business()}")
        theirs = {(row["name"], row["language"]): str(row["status"]) for row in await account.templates()}
        lacking = sum(theirs.get((one.name, one.language)) != "APPROVED" for one in account.ours)
        report(
            True,
            f"WhatsApp: {lacking} of {len(account.ours)} templates are not approved: mouwakib whatsapp templates says which"
            if lacking
            else "WhatsApp: every template is approved",
        )
    except Refusal as refusal:
        report(False, f"MOUWAKIB_WHATSAPP_TOKEN or _PHONE_ID: Meta refuses: {refusal}")
    except (NotSent, Uncertain) as error:
        report(False, f"MOUWAKIB_WHATSAPP_API: cannot be reached ({type(error).__name__})")
    finally:
        await account.close()


async def _bridges(settings: Settings, report: Callable[[bool, str], None]) -> None:
    for url, dialect in dialects(settings):
        setting = f"MOUWAKIB_{dialect.name.upper()}"
        lean = HttpClient(url, headers=dialect.headers)
        try:
            session = await ask(lean, dialect)
            report(
                session.working,
                f"{setting}_URL: reached, session {session.word}{'' if session.working else ': connect the number again'}",
            )
        except ValueError as refusal:
            mend = {"key refused": f"{setting}_KEY", "no such session": f"{setting}_SESSION"}.get(
                str(refusal), f"{setting}_URL"
            )
            report(False, f"{mend}: the bridge says: {refusal}")
        except (NotSent, Uncertain) as error:
            report(False, f"{setting}_URL: cannot be reached ({type(error).__name__})")
        finally:
            await lean.close()
