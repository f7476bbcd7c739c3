"""Our notices as templates: what WhatsApp must have approved before it may be said to somebody who has been silent for a day.

A template is a whole sentence of ours (or a text of the programme) in three languages, with its parts left open and its
buttons named. Its name follows from its words: changed words are another template, so what Meta approved is what we say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from handlers.talk.message import Button
from handlers.talk.words import END, ISOLATE, LANGUAGES, Joined, Language, Part, Sentence, StaffText, Text, clean

BODY, LABEL, VALUE, BUTTONS = 1024, 25, 400, 10  # characters, and how many buttons
MOST = 1000  # names kept in memory
_PART = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One text with its buttons in one language, as Meta is asked to approve it."""

    name: str
    language: str
    body: str  # its parts stand as {{name}}
    samples: Mapping[str, str]  # an example for each part, as Meta wants
    labels: tuple[str, ...]
    category: str = "UTILITY"

    def creation(self) -> dict[str, Any]:
        """The body of the call that submits it. Useful for twelve hours: a reminder of yesterday helps nobody."""
        body: dict[str, Any] = {"type": "BODY", "text": self.body}
        if self.samples:
            body["example"] = {
                "body_text_named_params": [
                    {"param_name": name, "example": example} for name, example in self.samples.items()
                ]
            }
        components = [body]
        if self.labels:
            components.append(
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": label} for label in self.labels]}
            )
        return {
            "name": self.name,
            "language": self.language,
            "category": self.category,
            "parameter_format": "NAMED",
            "message_send_ttl_seconds": 12 * 3600,
            "components": components,
        }


def template(
    languages: Mapping[str, Language],
    text: Text,
    buttons: Sequence[Button],
    language: str,
    *,
    category: str = "UTILITY",
) -> Template | None:
    """The template of a text with its parts filled in, which are its samples; None for what cannot be one."""
    bodies = {code: body for code in LANGUAGES if (body := _open(languages[code], text))}
    if len(bodies) < len(LANGUAGES) or len(buttons) > BUTTONS:
        return None
    labels = {code: tuple(clean(languages[code].say(button.label)) for button in buttons) for code in LANGUAGES}
    if any(len(label) > LABEL for in_language in labels.values() for label in in_language):
        return None
    samples = {part: clean(value) for part, value in _values(languages[language], text).items()}
    return Template(_name(bodies, labels), language, bodies[language], samples, labels[language], category)


def said(
    languages: Mapping[str, Language], text: Text, buttons: Sequence[Button], language: str
) -> dict[str, Any] | None:
    """How a text is said by its template: its name, the values of its parts, what its buttons carry. None for what cannot be
    one, or would not be said in full."""
    english = languages["en"]
    if not (words := _open(english, text)):
        return None
    key = words, *(english.say(button.label) for button in buttons)
    if key not in _names:  # the same for everybody, and there are some dozens of them
        known = template(languages, text, buttons, language)
        if len(_names) > MOST:
            _names.clear()
        _names[key] = known.name if known is not None else ""
    if not _names[key] or len(languages[language].say(text)) > BODY:
        return None
    values = _values(languages[language], text)
    if any(len(value) > VALUE or "\n" in value for value in values.values()):
        return None
    return {
        "name": _names[key],
        "values": {name: value or "—" for name, value in values.items()},
        "carries": [b.carries for b in buttons],
    }


_names: dict[tuple[str, ...], str] = {}  # words and labels in English -> the template's name


def _open(language: Language, text: Text) -> str:
    """The words with their parts open; "" where Meta would refuse them, or they are not whole words of ours."""
    opened = [_opened(language, line, at) for at, line in enumerate(_lines(text))]
    body = (text.between if isinstance(text, Joined) else "").join(opened).strip()
    if len(opened) > 1 and body.endswith("}}"):
        body += "."
    # Meta takes no part at the very beginning, at the very end, or right after another one
    refused = body.startswith("{{") or body.endswith("}}") or re.search(r"\}\}\s*\{\{", body) or "\n\n\n" in body
    return "" if refused or not all(opened) or len(body) > BODY else body


def _opened(language: Language, text: Text, at: int) -> str:
    """One line of them; "" for what is no sentence of ours."""
    match text:
        case Sentence(msgid=msgid, n=None):
            words = language.messages.get(msgid, msgid)
        case StaffText(by_language=by_language):
            words = by_language[language.code]
        case _:
            return ""
    if not isinstance(words, str) or not set(_PART.findall(words)) <= set(_parts(text)):
        return ""
    return _PART.sub(lambda part: f"{{{{{_called(part[1], at)}}}}}", words.replace(ISOLATE, "").replace(END, ""))


def _lines(text: Text) -> Sequence[Text]:
    return text.texts if isinstance(text, Joined) and text.between in ("\n", "\n\n") else (text,)


def _called(part: str, at: int) -> str:
    """The name of a part of one of the lines: each is said once."""
    return f"{part}_{at + 1}" if at else part


def _parts(text: Text) -> Mapping[str, Part]:
    return text.parts if isinstance(text, Sentence | StaffText) else {}


def _values(language: Language, text: Text) -> dict[str, str]:
    """What each open part says now, in the order of the words."""
    parts = {_called(name, at): part for at, line in enumerate(_lines(text)) for name, part in _parts(line).items()}
    names = dict.fromkeys(re.findall(r"\{\{(\w+)\}\}", _open(language, text)))
    return {name: language.fill("{x}", {"x": parts[name]}).strip() for name in names}


def _name(bodies: Mapping[str, str], labels: Mapping[str, Sequence[str]]) -> str:
    """A name a person can tell from others: the first English words, and a mark of all words in all languages."""
    words = re.findall(r"[a-z]+", _PART.sub("", bodies["en"].replace("{{", "{").replace("}}", "}")).lower())
    whole = "\n".join([*(bodies[code] for code in LANGUAGES), *("|".join(labels[code]) for code in LANGUAGES)])
    return f"{'_'.join(words[:5])}_{blake2b(whole.encode(), digest_size=4).hexdigest()}"
