"""Every file in transcripts/ is a promise: the founder says >, the bot answers <, and every answer fits every channel."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.fit import fit
from bot.channels.telegram import channel as telegram
from bot.channels.whatsapp import calls as whatsapp_calls
from handlers.talk.press import uncarried
from tests import whatsapp_rules
from tests.chat import Chat
from tests.phones import OnBridge, OnWhatsApp, keeps_to

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
            whatsapp_rules.message(
                whatsapp_calls.call("212600000017", part, "Choisir", "55501" if "file" in part else "")
            )


# a bridge has no buttons: older ones cannot be pressed, the team reads the numbers that were typed, and 5 may be a line or a count
NO_BRIDGE = {
    "coach-changes",
    "nudges",
    "old-buttons",
    "other-talk",
    "desk",
    "exchange",
    "founder-ends",
    "menu-meanwhile",
    "no-large",
}
TOLD = [
    (script, phone)
    for script in SCRIPTS
    for phone in PHONES
    if phone != "bridge" or script.name.partition(".")[0] not in NO_BRIDGE
]


@pytest.mark.parametrize(("script", "phone"), TOLD, ids=lambda value: value.stem if isinstance(value, Path) else value)
async def test_conversation_goes_the_same_way_where_less_can_be_pressed(
    script: Path, phone: str, sqlite_url: str, tmp_path: Path
) -> None:
    async with PHONES[phone].on(sqlite_url, tmp_path) as chat:
        await keeps_to(chat, script)
