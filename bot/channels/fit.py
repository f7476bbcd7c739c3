"""One message made to fit a platform: long text in pieces that end between words, buttons folded into numbered lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.channels.base import Body, Part

_ISOLATES = re.compile("[\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform shows of one message; `length` counts letters its way."""

    text: int
    buttons: int
    label: int
    length: Callable[[str], int] = len


def fit(body: Body, limits: Limits) -> list[Part]:
    """The message as one part or more; buttons stand under the last. Labels that are too long become numbered lines."""
    buttons = list(body.get("buttons", ()))
    while len(buttons) > limits.buttons and any(button.get("aside") for button in buttons):
        buttons.remove(next(button for button in reversed(buttons) if button.get("aside")))
    text = body["text"]
    short = all(limits.length(plain(button["label"])) <= limits.label for button in buttons)
    if buttons and not (short and len(buttons) <= limits.buttons):
        text += "\n\n" + "\n".join(numbered(buttons))
        buttons = []
    pieces = split(text, limits.text, limits.length)
    parts: list[Part] = [{"text": piece, "language": body["language"]} for piece in pieces]
    last = parts[-1]
    if buttons:
        last["buttons"] = [button | {"label": plain(button["label"])} for button in buttons]
    last |= {name: body[name] for name in ("file", "contact") if name in body}
    return parts


def plain(label: str) -> str:
    """A label alone needs no isolates, and platforms count them."""
    return _ISOLATES.sub("", label)


def numbered(buttons: Sequence[dict[str, str]]) -> list[str]:
    """The buttons as lines to be answered by their number."""
    return [f"{at}. {button['label']}" for at, button in enumerate(buttons, 1)]


def split(text: str, most: int, length: Callable[[str], int] = len) -> list[str]:
    """The text in pieces of at most `most` letters, cut between paragraphs, lines or words where one is near the end."""
    pieces = []
    while length(text) > most:
        end = _longest(text, most, length)
        cut = max((text.rfind(mark, end // 2, end) + len(mark) for mark in ("\n\n", "\n", " ") if text.rfind(mark, end // 2, end) > 0), default=end)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text] if text or not pieces else pieces


def _longest(text: str, most: int, length: Callable[[str], int]) -> int:
    """How many characters of the text fit, never ending inside an isolated stretch or before a combining mark."""
    low, high = 1, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(text[:middle]) <= most else (low, middle - 1)
    opened = text.rfind("\u2068", 0, low)
    if opened > 0 and text.find("\u2069", opened, low) < 0:
        low = opened
    return low
