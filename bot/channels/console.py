"""The same bot in a terminal: a newcomer's first minute, and the quickest way to try a change."""

from __future__ import annotations

import re
import sys
from typing import TextIO

from bot.channels.base import Body, Outcome, Part, Sent
from bot.channels.fit import numbered, plain


class Console:
    """Prints what is sent; buttons are lines to answer by their number."""

    name = "console"

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out

    def fit(self, body: Body) -> list[Part]:
        return [body]

    async def send(self, address: str, part: Part) -> Outcome:
        lines = [re.sub("[\u2066-\u2069]", "", part["text"])]
        buttons = part.get("buttons", [])
        lines += [f"  {line}" for line in numbered([button for button in buttons if not button.get("aside")])]
        if aside := [plain(button["label"]) for button in buttons if button.get("aside")]:
            lines.append("  (" + " · ".join(aside) + ")")
        if "file" in part:
            lines.append(f"  📎 {part['file'][1]}")
        self._out.write("\n" + "\n".join(lines) + "\n")
        self._out.flush()
        return Sent()

    async def open(self) -> None: ...

    async def close(self) -> None: ...
