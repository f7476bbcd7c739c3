"""Every file in transcripts/ is a promise: the founder says >, the bot answers <."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat import Chat

SCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("**/*.txt"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
async def test_conversation_goes_as_written(script: Path, chat: Chat, accept: bool) -> None:
    told = await chat.play(script.read_text("utf-8"))
    if accept:
        script.write_text(told, "utf-8")
    assert told == script.read_text("utf-8")
