"""One message made to fit a platform: long text in pieces that end between words; more buttons than it shows become the
rows of a list, and more than these become numbered lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.base import Body, Part

_JOINER = "\u200d"
_ISOLATES = re.compile("[\u2066-\u2069]")


def units(text: str) -> int:
    """The length of a text in UTF-16 units: apps count so, and servers never count more."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def within(text: str, most: int, length: Callable[[str], int]) -> bool:
    """Whether a text is no longer than this; most are so short that their letters need not be counted."""
    return 2 * len(text) <= most or length(text) <= most


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform shows of one message; `length` counts letters its way."""

    text: int
    buttons: int
    label: int
    length: Callable[[str], int] = len
    caption: int = 1024  # the text beside a document
    carries: int = 64  # bytes that come back when a button is pressed
    beside: int = 0  # the text above buttons or rows; 0: like any other
    rows: int = 0  # of a list
    row: int = 0  # the title of a row
    detail: int = 0  # what a row says under its title
    link: bool = True  # whether links and answers may stand together


def fit(body: Body, limits: Limits) -> list[Part]:
    """The message as one part or more; buttons (or `rows`) stand under the last. Those that do not fit become numbered lines."""
    buttons = list(body.get("buttons", ()))
    text = body["text"]
    if not limits.link and len(buttons) > 1:
        text = "\n".join([text, *(f"{b['label']}: {b['link']}" for b in buttons if "link" in b)])
        buttons = [button for button in buttons if "link" not in button]
    shown, rows = _shown(buttons, limits)
    if "file" in body and rows:
        shown, rows = [], []
    if not shown and not rows and (lines := numbered(buttons)):
        text += "\n\n" + "\n".join(lines)
    pieces = split(text, limits.text, limits.length)
    most = limits.caption if "file" in body else limits.beside if shown or rows else 0
    if most and not within(pieces[-1], most, limits.length):
        pieces[-1:] = split(pieces[-1], most, limits.length)
    parts: list[Part] = [{"text": piece, "language": body["language"]} for piece in pieces]
    last = parts[-1]
    if shown:
        last["buttons"] = [button | {"label": plain(button["label"])} for button in shown]
    if rows:
        last["rows"] = rows
    last |= {name: body[name] for name in ("file", "picture", "contact") if name in body}
    return parts


def _shown(buttons: list[dict[str, Any]], limits: Limits) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is shown as buttons, or else as the rows of a list; neither where nothing fits."""
    if limits.rows:  # where there are rows, what two of them carry must differ
        there = {button["carries"] for button in buttons if not button.get("aside")}
        buttons = [button for button in buttons if not (button.get("aside") and button["carries"] in there)]
    kept = list(buttons)
    while (
        len(kept) > limits.buttons
        and any(button.get("aside") for button in kept)
        and (not limits.rows or len(kept) == len(buttons))
    ):
        kept.remove(
            next(button for button in reversed(kept) if button.get("aside"))
        )  # where there is a list, one word may go, not all
    if (
        len(kept) <= limits.buttons
        and all(_fits(button, limits) for button in kept)
        and (not limits.rows or _differ(kept))
    ):
        return kept, []
    kept = list(buttons)
    while len(kept) > limits.rows and any(button.get("aside") for button in kept):
        kept.remove(next(button for button in reversed(kept) if button.get("aside")))
    rows = [row for button in kept if (row := _row(button, limits)) is not None] if len(kept) <= limits.rows else []
    return [], rows if len(rows) == len(kept) and _differ(rows) else []


def _differ(buttons: Sequence[dict[str, Any]]) -> bool:
    return len({plain(b["label"]) for b in buttons}) == len({b["carries"] for b in buttons}) == len(buttons)


def _row(button: dict[str, Any], limits: Limits) -> dict[str, Any] | None:
    """A button as a row: its label, or the beginning of it with the whole below; None if it has no room."""
    label = plain(button["label"])
    if not _carries(button, limits) or "link" in button:
        return None
    if within(label, limits.row, limits.length):
        return {"label": label, "carries": button["carries"]}
    if not within(label, limits.detail, limits.length):
        return None
    return {
        "label": split(label, limits.row - 1, limits.length)[0] + "…",
        "detail": label,
        "carries": button["carries"],
    }


def _fits(button: dict[str, Any], limits: Limits) -> bool:
    return within(plain(button["label"]), limits.label, limits.length) and _carries(button, limits)


def _carries(button: dict[str, Any], limits: Limits) -> bool:
    return len(button["carries"].encode()) <= limits.carries


def plain(label: str) -> str:
    """A label alone needs no isolates, and platforms count them."""
    return label if label.isascii() else _ISOLATES.sub("", label)


def numbered(buttons: Sequence[dict[str, Any]]) -> list[str]:
    """The buttons as lines to be answered by their number; words that can be typed anyway (back, skip) need none."""
    lines = [
        button["label"] + (f": {button['link']}" if "link" in button else "")
        for button in buttons
        if not button.get("aside")
    ]
    return [f"{at}. {line}" for at, line in enumerate(lines, 1)]


def split(text: str, most: int, length: Callable[[str], int] = len) -> list[str]:
    """The text in pieces of at most `most` letters, cut between paragraphs, lines or words where one is near the end."""
    if within(text, most, length):
        return [text]
    pieces = []
    while length(text) > most:
        end = _longest(text, most, length)
        cut = max(
            (
                text.rfind(mark, end // 2, end) + len(mark)
                for mark in ("\n\n", "\n", " ")
                if text.rfind(mark, end // 2, end) > 0
            ),
            default=end,
        )
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
