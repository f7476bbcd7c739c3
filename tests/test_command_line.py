"""The command line as operators meet it: one clear line for whatever is wrong, and never a secret in it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.settings import HOME, Settings
from handlers.contents import contents
from handlers.programme.load import load
from storage import schema
from tests.house import free_port
from tests.process import Process
from tests.telegram import TOKEN, Telegram

SECRET = "123456:very-secret"
PROGRAMME = HOME / "programmes" / "technopark-oujda.yaml"


def run(folder: Path, *words: str, said: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """`mouwakib ...` in an empty folder, with these settings and no others."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOUWAKIB_")}
    given = {f"MOUWAKIB_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(HOME), **given},
        input=said,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("settings", "named", "mend"),
    [
        ({"port": "0"}, "MOUWAKIB_PORT", "greater"),
        ({"port": "eighty"}, "MOUWAKIB_PORT", "integer"),
        ({"database_url": "mysql://x/y"}, "MOUWAKIB_DATABASE_URL", "sqlite or postgresql"),
        ({"database_url": "postgresql://nobody:hush-hush@127.0.0.1:1/none"}, "MOUWAKIB_DATABASE_URL", "reached"),
        ({"database_url": "sqlite:////no/such/folder/x.db"}, "MOUWAKIB_DATABASE_URL", "reached"),
        ({"public_url": "chat.example.ma"}, "MOUWAKIB_PUBLIC_URL", "https://"),
        ({"telegram_token": "very-secret"}, "MOUWAKIB_TELEGRAM_TOKEN", "BotFather"),
        ({"telegram_secret": "very secret!", "telegram_token": SECRET}, "MOUWAKIB_TELEGRAM_SECRET", "A-Z"),
        ({"secret": "very-secret-0123456789"}, "MOUWAKIB_SECRET", "at least 32 plain characters made by chance"),
        ({"secret": "very" * 12}, "MOUWAKIB_SECRET", "mouwakib init"),
        ({"telegram_api": "ftp://very-secret"}, "MOUWAKIB_TELEGRAM_API", "https://"),
        ({"programme": "no-such.yaml"}, "MOUWAKIB_PROGRAMME", "no such file"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it_and_the_mend(
    tmp_path: Path, settings: dict[str, str], named: str, mend: str
) -> None:
    done = run(tmp_path, "serve", **{"port": str(free_port()), **settings})
    assert done.returncode == 1
    *log, line = [
        one
        for one in done.stderr.splitlines()
        if one and not one.startswith(("Mouwakib:", "{", "MOUWAKIB_PROGRAMME:\n"))
    ]
    assert len(log) <= 1, done.stderr
    assert named in done.stderr
    assert mend in line
    assert "Traceback" not in done.stderr
    assert "very" not in done.stderr
    assert "hush" not in done.stderr


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(tmp_path, "serve", port=str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "MOUWAKIB_PORT" in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_second_process_on_the_same_file_refuses_and_the_first_stops_when_asked(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.db"
    first = Process(url, tmp_path)
    await first.start()
    try:
        done = run(tmp_path, "serve", database_url=url, port=str(free_port()))
        assert done.returncode == 1
        assert "another process already serves this SQLite file" in done.stderr
        assert "Traceback" not in done.stderr
    finally:
        first.stop()
    assert not first.alive
    assert "Traceback" not in first.log.read_text()


def test_migrate_creates_upgrades_and_says_so(tmp_path: Path) -> None:
    assert run(tmp_path, "migrate").stdout == "upgraded\n"
    assert run(tmp_path, "migrate").stdout == "up to date\n"


@pytest.mark.parametrize("words", [["migrate"], ["serve"], ["people", "list"], ["doctor"]])
def test_an_older_version_refuses_a_newer_database_in_one_line(
    tmp_path: Path, sqlite_template: Path, words: list[str]
) -> None:
    shutil.copy(sqlite_template, tmp_path / "mouwakib.db")
    with sqlite3.connect(tmp_path / "mouwakib.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    done = run(tmp_path, *words, port=str(free_port()))
    assert done.returncode == 1
    assert f"at step 9999, newer than this version ({schema.HEAD})" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_people_are_granted_roles_before_they_ever_wrote_and_listed_without_names(tmp_path: Path) -> None:
    assert (
        run(tmp_path, "people", "grant", "telegram:5880014477", "coach").stdout
        == "telegram:5880014477 is now: founder, coach\n"
    )
    assert (
        run(tmp_path, "people", "grant", "telegram:5880014477", "admin").stdout
        == "telegram:5880014477 is now: founder, coach, admin\n"
    )
    assert run(tmp_path, "people", "list").stdout.split("\t")[:4] == [
        "1",
        "telegram:5880014477",
        "-",
        "founder,coach,admin",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["telegram:1", "king"], "there is no role 'king'"),
        (["salma", "coach"], "e.g. telegram:5880014477"),
        ([":", "coach"], "e.g."),
    ],
)
def test_a_grant_that_cannot_be_is_one_line(tmp_path: Path, words: list[str], said: str) -> None:
    done = run(tmp_path, "people", "grant", *words)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_programme_is_checked_without_a_start(tmp_path: Path) -> None:
    assert (
        "in order (8 questions of eligibility, 25 of the form, 16 of the FAQ)"
        in run(tmp_path, "programme", "check", str(PROGRAMME)).stdout
    )
    bad = tmp_path / "bad.yaml"
    bad.write_text(PROGRAMME.read_text("utf-8").replace("site: pre_opening", "site: closed"), "utf-8")
    done = run(tmp_path, "programme", "check", str(bad), "--language", "fr")
    line = next(n for n, text in enumerate(bad.read_text("utf-8").splitlines(), 1) if text.startswith("site:"))
    assert done.returncode == 1
    assert f"bad.yaml:{line}" in done.stdout
    assert "closed" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


async def test_the_doctor_says_what_is_well_and_what_is_not(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor")
    assert done.returncode == 0, done.stdout
    assert "Africa/Casablanca is at +00:00" in done.stdout
    assert "Telegram: off" in done.stdout
    assert "MOUWAKIB_SECRET: not set" in done.stdout
    sick = run(
        tmp_path,
        "doctor",
        telegram_token=SECRET,
        telegram_api="http://127.0.0.1:1",
        database_url="postgresql://u:hush@127.0.0.1:1/x",
    )
    assert sick.returncode == 1
    bad = [line for line in sick.stdout.splitlines() if line.startswith("BAD")]
    assert [line.split()[1] for line in bad] == ["MOUWAKIB_DATABASE_URL:", "MOUWAKIB_TELEGRAM_API:"]
    assert "secret" not in sick.stdout
    assert "hush" not in sick.stdout


def test_a_key_for_each_use_derives_from_the_secret_and_none_without_it() -> None:
    """Telegram's webhook is shown by such a key where none was set; without a secret all stays as it was."""
    secret, other = "Zm3dZpYFRjk37qolDMNHSecVaHVdQ9z5", "KBaYRJVpOozXw30AZbmNrTP0KwySptWm"

    def settings(public_url: str = "https://chat.example.ma", **given: Any) -> Settings:
        return Settings(_env_file=None, public_url=public_url, **given)

    keys = {settings(secret=said).signing_key(use) for said in (secret, other) for use in ("one", "another")}
    assert len(keys) == 4
    assert all(len(key) == 64 for key in keys)
    assert settings(secret=secret).telegram_webhook == settings(secret=secret).signing_key("telegram webhook")
    assert settings(secret=secret, telegram_secret="mine").telegram_webhook == "mine"
    assert settings(telegram_secret="mine").telegram_webhook == "mine"
    assert settings(telegram_secret="mine", public_url="").telegram_webhook == ""
    assert settings(secret=secret, public_url="http://127.0.0.1:8080").telegram_webhook == ""
    assert settings().telegram_webhook == settings().signing_key("one") == ""


async def test_the_doctor_knows_a_token_that_telegram_refuses(tmp_path: Path) -> None:
    import asyncio

    async with Telegram() as telegram:
        well = await asyncio.to_thread(run, tmp_path, "doctor", telegram_token=TOKEN, telegram_api=telegram.url)
        sick = await asyncio.to_thread(run, tmp_path, "doctor", telegram_token="1:wrong", telegram_api=telegram.url)
    assert "ok   Telegram: bot mouwakib_test_bot" in well.stdout
    assert "BAD  MOUWAKIB_TELEGRAM_TOKEN: Telegram refuses it" in sick.stdout


def test_the_map_names_every_conversation(tmp_path: Path) -> None:
    done = run(tmp_path, "map")
    assert done.returncode == 0, done.stderr
    assert [name for name in contents(load(PROGRAMME)) if f"/{name}" not in done.stdout] == []


@pytest.mark.parametrize(
    ("language", "said", "heard"),
    [
        ("fr", "J'accepte\nSuis-je éligible ?\nProjet, sans société\n", "Dans quel domaine se situe votre projet ?"),
        ("ar", "أوافق\nهل مشروعي مؤهل؟\nمشروع دون شركة بعد\n", "ما هو مجال مشروعكم؟"),
    ],
)
def test_the_console_holds_the_same_talk(tmp_path: Path, language: str, said: str, heard: str) -> None:
    done = run(tmp_path, "console", "--language", language, said=said)
    assert done.returncode == 0, done.stderr
    assert heard in done.stdout.replace("\u2068", "").replace("\u2069", "")
