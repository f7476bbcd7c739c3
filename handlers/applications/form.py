"""The programme's form as questions of the kit: its fields, its documents."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

from handlers.applications.words import OWN_WORDS, yes_or_no
from handlers.eligibility.questions import options_of, with_help
from handlers.programme.model import FormField, Programme
from handlers.talk import question as kit
from handlers.talk import understand
from handlers.talk.kinds import choices, contacts, dates, files, numbers, text
from handlers.talk.message import File, Json
from handlers.talk.question import Misread, Offer, Question, Reply
from handlers.talk.words import Joined, Text, UserText, _, clean


@cache
def field_question(programme: Programme, id: str, need: str) -> Question[Any]:
    """A field of the form; an optional one can be skipped."""
    field = programme.form.fields[id]
    question = kit.titled(_kind(field, programme.say(field.ask)), field.label)
    if field.example is not None:
        question = replace(question, example=field.example)
    return kit.optional(question) if need == "optional" else question


def _kind(field: FormField, ask: Text) -> Question[Any]:
    match field.type:
        case "name":
            return text.text(ask, shortest=field.shortest, longest=field.longest, hint=NAME, check=_name)
        case "text":
            return text.text(ask, shortest=field.shortest, longest=field.longest)
        case "phone":
            return contacts.phone(ask)
        case "email":
            return contacts.email(ask, longest=field.longest)
        case "link":
            return contacts.link(ask, longest=field.longest)
        case "date":
            return dates.day(ask, past=True)
        case "number":
            return numbers.number(ask, least=field.least, most=field.most)
        case "amount":
            return numbers.amount(ask, least=field.least, most=field.most)
        case "yes_no":
            yes, no = yes_or_no(field)
            return choices.yes_no(ask, explicit=field.consent == "data", yes=yes, no=no)
        case "several":
            return choices.several(with_help(ask, field.options), options_of(field.options))
        case "choice":
            chosen = choices.choice(with_help(ask, field.options), options_of(field.options))
            return _or_words(chosen, field.longest) if field.free_text else chosen
        case "ice":
            return text.text(ask, check=_ice)
        case "rc":
            return text.text(ask, check=_rc)


def _or_words(question: Question[str], longest: int) -> Question[str]:
    """A choice that also takes an answer in one's own words, kept with a mark that no option can have."""

    def read(heard: Reply) -> str:
        try:
            return question.read(heard)
        except Misread:
            words = clean(heard.text)
            if not 2 <= len(words) <= longest or heard.intent in ("yes", "no") or understand.count(words) is not None:
                raise
            return f"{OWN_WORDS}{words}"

    def load(kept: Json) -> str:
        return kept if isinstance(kept, str) and kept.startswith(OWN_WORDS) else question.load(kept)

    def show(value: str) -> Text:
        return UserText(value[1:]) if value.startswith(OWN_WORDS) else question.show(value)

    return replace(question, read=read, load=load, show=show, open="text")


NAME = _("Please write your first and last name, in letters.")


def _name(typed: str) -> str:
    """A name of two words or more, in the letters of any script, with their marks."""
    typed = " ".join(typed.split())
    letters = r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u064b-\u0652\u0670])*"
    if not re.fullmatch(rf"{letters}(?:[ '’.-]+{letters})+\.?", typed):
        raise Misread(NAME)
    return typed


def _ice(typed: str) -> str:
    """The common business identifier: 15 digits, and the whole number divides by 97 (a rule found, not published)."""
    digits = re.sub(r"[\s.\-]", "", understand.polite(understand.folded(typed)).removeprefix("ice"))
    if not re.fullmatch(r"[0-9]{15}", digits):
        raise Misread(_("The ICE has 15 digits; you will find it on your invoices."))
    if int(digits) % 97:
        raise Misread(_("There may be a typo in this number. Is it correct?"), Offer(_("Yes, it is correct"), digits))
    return digits


def _rc(typed: str) -> str:
    """A trade-register number and its court: "12345 Nador"."""
    typed = typed.translate({zero + n: str(n) for zero in (0x660, 0x6F0) for n in range(10)})
    match = re.fullmatch(
        r"(?:RC\s*)?(?:n[°o]\s*)?([0-9]{1,10})[\s,،/:-]+(?:(?:à|at|in|في)\s+)?([^\W\d_][\w\s'’.-]{1,40})",
        typed,
        re.IGNORECASE,
    )
    if not match:
        raise Misread(_("Give the RC number in digits, then the court's city."))
    return f"{match[1]} {match[2].strip()}"


@cache
def document_question(programme: Programme, id: str, need: str) -> Question[list[File] | None]:
    """A document of the file; each can be sent later."""
    document = programme.form.documents[id]
    ask = (
        programme.say(document.ask)
        if document.ask
        else _("Please send: {document} (photo or PDF).", document=document.label)
    )
    note = _("Required; you can also send it later.") if need == "required" else _("Optional.")
    question = files.files(Joined((ask, note)), most=document.most, largest=programme.form.largest_file)
    return kit.optional(kit.titled(question, document.label), later=True)
