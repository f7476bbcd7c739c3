"""The paper founder on WhatsApp, as Meta shows it and tells of it, and on a bridge, where nothing can be pressed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.channels.base import Body, Outcome, Part
from bot.channels.bridge import channel as bridge
from bot.channels.bridge.gowa import Gowa
from bot.channels.fit import fit, plain
from bot.channels.whatsapp import calls as whatsapp_calls
from bot.channels.whatsapp.updates import parse
from bot.delivery.bridge_records import BridgeRecords
from handlers.talk.message import Incoming
from tests import whatsapp_rules
from tests.chat import FOUNDER, Chat, Paper, shown

NUMBER = "700100300"


class Shown(Paper):
    """A channel that shows less than paper: what each person can choose by, newest last."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[tuple[str, str]] = []  # (whom, the whole text), parts of one message joined

    async def send(self, address: str, part: Part) -> Outcome:
        outcome = await super().send(address, part)
        _letter, at, _parts = part["mark"].split(".")
        if at == "1":
            self.letters.append((address, part["text"]))
        else:
            self.letters[-1] = (address, self.letters[-1][1] + part["text"])
        return outcome


class Meta(Shown):
    """Takes what the Cloud API takes, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.choices: dict[str, list[dict[str, str]]] = {}  # of each message: what is shown -> what it carries

    def fit(self, body: Body) -> list[Part]:
        return fit(body, whatsapp_calls.LIMITS)

    async def send(self, address: str, part: Part) -> Outcome:
        said = whatsapp_calls.call("212600000017", part, "Choisir", "55501" if "file" in part else "")
        whatsapp_rules.message(said)
        action = said.get("interactive", {}).get("action", {})
        shown = {button["reply"]["title"]: button["reply"]["id"] for button in action.get("buttons", ())}
        for row in [row for section in action.get("sections", ()) for row in section["rows"]]:
            shown |= {row["title"]: row["id"], row.get("description", row["title"]): row["id"]}
        self.choices.setdefault(address, []).append(shown)
        return await super().send(address, part)


class OnWhatsApp(Chat):
    """Presses a button or a row where there is one, types the number of a line or the words where there is none."""

    paper: Meta

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.paper = Meta()

    async def press(self, label: str, who: str = FOUNDER) -> list[Part]:
        address = who or "founder"
        for at, there in enumerate(reversed(self.paper.choices.get(address, []))):
            if label in there:
                kind = "list_reply" if len(there) > 3 or at else "button_reply"
                return await self._hears(
                    {
                        "type": "interactive",
                        "interactive": {"type": kind, kind: {"id": there[label], "title": label[:24]}},
                    },
                    who,
                )
        return await self.say(line_of(self.paper, address, label) or label, who)

    async def say(self, text: str, who: str = FOUNDER) -> list[Part]:
        return await self._hears({"type": "text", "text": {"body": text}}, who)

    async def _hears(self, content: dict[str, Any], who: str) -> list[Part]:
        """A webhook of Meta's, as the channel reads it."""
        ours = self.incoming(who)
        message = {"id": ours.id, "from": "212600000017", "timestamp": str(int(ours.at.timestamp())), **content}
        value = {
            "metadata": {"phone_number_id": NUMBER},
            "contacts": [{"profile": {"name": ours.name}, "wa_id": "212600000017"}],
            "messages": [message],
        }
        whole = {"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": value}]}]}
        incoming = parse(json.dumps(whole).encode(), NUMBER, self.clock.now()).said[0].incoming
        assert incoming is not None
        return await self.give(replace(incoming, channel=ours.channel, address=ours.address), who)


class Bridged(Shown):
    """Numbered lines, and nothing to press."""

    bridge: bridge.Bridge

    def fit(self, body: Body) -> list[Part]:
        parts = self.bridge.fit(body)
        assert not any("buttons" in part or "rows" in part for part in parts)
        return parts


class OnBridge(Chat):
    """Types the number of a line, or the word."""

    paper: Bridged

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.paper = Bridged()

    async def start(self) -> None:
        await super().start()
        core = self.core
        records = BridgeRecords(core.database, core.sender, core.clock, core.languages)
        beside: dict[str, Any] = {"uploads": core.uploads, "store": core.store, "now": self.clock.now}
        self.bridge = self.paper.bridge = bridge.Bridge(
            Gowa("user:password", "", "secret-of-8"), "http://127.0.0.1:9", self._take, records, **beside
        )
        self.bridge.name = self.paper.name

    async def press(self, label: str, who: str = FOUNDER) -> list[Part]:
        return await self.say(line_of(self.paper, who or "founder", label) or label, who)

    async def say(self, text: str, who: str = FOUNDER) -> list[Part]:
        ours = self.incoming(who, text=text)
        pressed = await self.bridge.pressed(ours.address, text)
        return await self.give(replace(ours, **pressed), who)

    async def _take(self, incoming: Incoming, fetch: Any) -> None:
        raise AssertionError("what is heard here comes by `give`")


def line_of(paper: Shown, address: str, label: str) -> str:
    """The number of the line with this label in the newest message that has lines; "" if it has no such line."""
    said = next(
        (
            plain(text)
            for whom, text in reversed(paper.letters)
            if whom == address and re.search(r"^1\. ", text, re.MULTILINE)
        ),
        "",
    )
    found = re.search(rf"^(\d+)\. {re.escape(plain(label))}(: http\S+)?$", said, re.MULTILINE)
    return found[1] if found else ""


def promised(script: str) -> list[tuple[str, str]]:
    """The messages of a transcript: (whom, the text without its spaces); buttons and documents left out."""
    found: list[tuple[str, list[str]]] = []
    open_ = False
    for line in script.splitlines():
        if begins := re.match(r"(\w*)< (.*)", line):
            found.append((begins[1] or "founder", [begins[2]]))
            open_ = True
        elif open_ and (line.startswith("  ") or not line):
            found[-1][1].append(line)
        else:
            open_ = False
    for _whom, lines in found:
        while len(lines) > 1 and re.fullmatch(r"  [\[({].*[\])}]|", lines[-1]):
            lines.pop()
    return [(whom, "".join("".join(lines).split())) for whom, lines in found]


async def keeps_to(chat: Chat, script: Path) -> None:
    """Play a transcript; AssertionError if anybody is told other words than it promises. Lines with numbers may follow them."""
    await chat.play(script.read_text("utf-8"))
    assert isinstance(chat.paper, Shown)
    told = [
        (whom, "".join("".join(shown("", {"text": text})).removeprefix("<").split()))
        for whom, text in chat.paper.letters
    ]
    expected = promised(script.read_text("utf-8"))
    for (to, said), (whom, words) in zip(told, expected, strict=False):
        assert to == whom
        assert said.startswith(words)
    assert len(told) == len(expected)
