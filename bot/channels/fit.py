"""One message made to fit a platform: long text in pieces that end between words, buttons folded into numbered lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.channels.base import Body, Part

_JOINER = "\u200d"
_ISOLATES = re.compile("[\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform shows of one message; `length` counts letters its way."""

    text: int
    buttons: int
    label: int
    length: Callable[[str], int] = len
    caption: int = 1024  # the text beside a document
    carries: int = 64  # bytes that come back when a button is pressed


def fit(body: Body, limits: Limits) -> list[Part]:
    """The message as one part or more; buttons stand under the last. Those that do not fit become numbered lines."""
    buttons = list(body.get("buttons", ()))
    while len(buttons) > limits.buttons and any(button.get("aside") for button in buttons):
        buttons.remove(next(button for button in reversed(buttons) if button.get("aside")))
    text = body["text"]
    if len(buttons) > limits.buttons or not all(_fits(button, limits) for button in buttons):
        text += "\n\n" + "\n".join(numbered(buttons))
        buttons = []
    pieces = split(text, limits.text, limits.length)
    if "file" in body and limits.length(pieces[-1]) > limits.caption:
        pieces[-1:] = split(pieces[-1], limits.caption, limits.length)
    parts: list[Part] = [{"text": piece, "language": body["language"]} for piece in pieces]
    last = parts[-1]
    if buttons:
        last["buttons"] = [button | {"label": plain(button["label"])} for button in buttons]
    last |= {name: body[name] for name in ("file", "contact") if name in body}
    return parts


def _fits(button: dict[str, str], limits: Limits) -> bool:
    return limits.length(plain(button["label"])) <= limits.label and len(button["carries"].encode()) <= limits.carries


def plain(label: str) -> str:
    """A label alone needs no isolates, and platforms count them."""
    return _ISOLATES.sub("", label)


def numbered(buttons: Sequence[dict[str, str]]) -> list[str]:
    """The buttons as lines to be answered by their number; words that can be typed anyway (back, skip) need none."""
    lines = [button["label"] + (f": {button['link']}" if "link" in button else "") for button in buttons if not button.get("aside")]
    return [f"{at}. {line}" for at, line in enumerate(lines, 1)]


def split(text: str, most: int, length: Callable[[str], int] = len) -> list[str]:
    """The text in pieces of at most `most` letters, cut between paragraphs, lines or words where one is near the end."""
    pieces = []
    while length(text) > most:
        end = _longest(text, most, length)
        cut = max((text.rfind(mark, end // 2, end) + len(mark) for mark in ("\n\n", "\n", " ") if text.rfind(mark, end // 2, end) > 0), default=end)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [piece for piece in [*pieces, text] if piece] or [""]


def _longest(text: str, most: int, length: Callable[[str], int]) -> int:
    """How many characters of the text fit, ending neither inside an isolated stretch nor within one letter or emoji."""
    low, high = 1, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(text[:middle]) <= most else (low, middle - 1)
    opened = text.rfind("\u2068", 0, low)
    if opened > 0 and text.find("\u2069", opened, low) < 0:
        low = opened
    whole = low
    while 0 < whole < len(text) and (_joins(text[whole]) or text[whole - 1] == _JOINER):
        whole -= 1
    return whole or low


def _joins(letter: str) -> bool:
    """Whether a character belongs to the one before it: a mark, a variation, a joiner, a skin tone."""
    return letter == _JOINER or unicodedata.category(letter)[0] == "M" or "\U0001f3fb" <= letter <= "\U0001f3ff"
