"""`mouwakib whatsapp templates` and `mouwakib doctor`: what Meta must approve, and what it says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.commands.doctor import examine
from bot.commands.templates import show
from bot.settings import BadSettings, Settings, read_settings
from tests.whatsapp import NUMBER, SECRET, TOKEN, VERIFY, WhatsApp

KEYS: dict[str, Any] = {
    "whatsapp_token": TOKEN,
    "whatsapp_phone_id": NUMBER,
    "whatsapp_app_secret": SECRET,
    "whatsapp_verify_token": VERIFY,
}


@pytest.fixture
async def whatsapp() -> AsyncIterator[WhatsApp]:
    async with WhatsApp() as found:
        yield found


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path, whatsapp: WhatsApp) -> Settings:
    return Settings(
        _env_file=None, database_url=sqlite_url, files=tmp_path / "files", whatsapp_api=whatsapp.url, **KEYS
    )


async def test_templates_are_shown_pushed_once_and_reported(settings: Settings, whatsapp: WhatsApp) -> None:
    said: list[str] = []
    assert await show(settings, said.append, push=False)
    assert not whatsapp.templates, "showing changes nothing"
    assert any("{{topic}}" in line and ": missing" in line for line in said)
    whatsapp.approves = False
    assert await show(settings, said.append, push=True)
    pushed = len(whatsapp.templates)
    assert pushed >= 72, "each in three languages"
    said.clear()
    assert await show(settings, said.append, push=True)
    assert len(whatsapp.templates) == pushed
    assert sum(": pending\n" in line for line in said) == pushed, "more than one page of them is read"


async def test_a_template_meta_refuses_is_named_and_the_others_are_pushed(
    settings: Settings, whatsapp: WhatsApp
) -> None:
    whatsapp.refuses = "ar"
    said: list[str] = []
    assert not await show(settings, said.append, push=True)
    assert {language for _name, language in whatsapp.templates} == {"fr", "en"}
    assert any("(ar): refused:" in line and "2388040" in line for line in said)


async def test_without_a_token_templates_are_shown_all_the_same(settings: Settings) -> None:
    said: list[str] = []
    bare = settings.model_copy(update={"whatsapp_token": SecretStr("")})
    assert await show(bare, said.append, push=False)
    assert not await show(bare, said.append, push=True)
    assert any("is not set" in line for line in said)


async def test_the_doctor_says_what_is_wrong_with_whatsapp(settings: Settings, whatsapp: WhatsApp) -> None:
    said: list[str] = []
    await examine(settings, said.append)
    assert [line for line in said if line.startswith("ok   WhatsApp: number")]
    assert [line for line in said if "are not approved" in line]
    said.clear()
    assert not await examine(settings.model_copy(update={"whatsapp_token": SecretStr("another")}), said.append)
    assert [line for line in said if line.startswith("BAD  MOUWAKIB_WHATSAPP_TOKEN")]
    assert TOKEN not in " ".join(said)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({**KEYS, "whatsapp_phone_id": ""}, "MOUWAKIB_WHATSAPP_PHONE_ID"),
        ({**KEYS, "whatsapp_app_secret": ""}, "MOUWAKIB_WHATSAPP_APP_SECRET"),
        ({**KEYS, "whatsapp_verify_token": ""}, "MOUWAKIB_WHATSAPP_VERIFY_TOKEN"),
        ({**KEYS, "whatsapp_phone_id": "+212 6 00 00 00 17"}, "MOUWAKIB_WHATSAPP_PHONE_ID"),
        ({**KEYS, "whatsapp_app_secret": "short"}, "MOUWAKIB_WHATSAPP_APP_SECRET"),
        ({**KEYS, "whatsapp_api": "graph.facebook.com"}, "MOUWAKIB_WHATSAPP_API"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_one_sentence_that_names_it(given: dict[str, Any], names: str) -> None:
    with pytest.raises(BadSettings) as wrong:
        read_settings(_env_file=None, **given)
    assert str(wrong.value).startswith(f"{names}: ")
    assert "\n" not in str(wrong.value)
    assert not [secret for secret in (TOKEN, SECRET, VERIFY) if secret in str(wrong.value)]
