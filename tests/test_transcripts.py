"""Every file in transcripts/ is a promise: the founder says >, the bot answers <, and every answer fits every channel."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels import telegram, whatsapp_calls
from bot.channels.fit import fit
from handlers.talk.talk import uncarried
from tests import whatsapp_rules
from tests.chat import Chat, shown
from tests.phones import OnBridge, OnWhatsApp, Shown, promised

PHONES: dict[str, type[OnWhatsApp | OnBridge]] = {"whatsapp": OnWhatsApp, "bridge": OnBridge}
SCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("**/*.txt"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
async def test_conversation_goes_as_written(script: Path, chat: Chat, accept: bool) -> None:
    told = await chat.play(script.read_text("utf-8"))
    if accept:
        script.write_text(told, "utf-8")
    assert told == script.read_text("utf-8")
    for _address, body in chat.paper.sent:
        for part in fit(body, telegram.LIMITS):
            assert 0 < len(part["text"]) <= 4096
            for button in part.get("buttons", ()):
                assert len(button["label"]) <= telegram.LIMITS.label
                assert len(button["carries"].encode()) <= 64
                assert "link" in button or button["carries"].startswith("/") or uncarried(button["carries"])
        for part in fit(body, whatsapp_calls.LIMITS):
            whatsapp_rules.message(whatsapp_calls.call("212600000017", part, "Choisir", "55501" if "file" in part else ""))


@pytest.mark.parametrize("phone", PHONES)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
async def test_conversation_goes_the_same_way_where_less_can_be_pressed(script: Path, phone: str, sqlite_url: str, tmp_path: Path) -> None:
    async with PHONES[phone].on(sqlite_url, tmp_path) as chat:
        await chat.play(script.read_text("utf-8"))
    assert isinstance(chat.paper, Shown)
    told = [(whom, "".join("".join(shown("", {"text": text})).removeprefix("<").split())) for whom, text in chat.paper.letters]
    expected = promised(script.read_text("utf-8"))
    for (to, said), (whom, words) in zip(told, expected, strict=False):
        assert to == whom
        assert said.startswith(words), "the same words; lines with numbers may follow"
    assert len(told) == len(expected)
