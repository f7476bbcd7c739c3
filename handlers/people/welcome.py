"""/start: the language, who we are, the agreement; then whatever the person came for."""

from __future__ import annotations

from handlers.consent import consented
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.question import Option
from handlers.talk.talk import Talk
from handlers.talk.words import OWN_NAMES, Verbatim
from storage.database import Db

_ALSO = {
    "ar": ("ar", "3arbiya", "العربية", "عربية", "arabe", "arabic", "darija", "الدارجة"),
    "fr": ("fr", "français", "francais", "فرنسية", "fransawiya"),
    "en": ("en", "eng", "anglais", "english", "إنجليزية"),
}
PICK = Verbatim("Choisissez votre langue · المرجو اختيار اللغة · Please choose your language")
LANGUAGE = choice(PICK, [Option(code, Verbatim(OWN_NAMES[code]), _ALSO[code]) for code in ("ar", "fr", "en")])


async def welcome(talk: Talk, db: Db, programme: Programme) -> None:
    language = await talk.ask("language", LANGUAGE)
    if talk.just("language"):
        talk.person.language = language
    talk.say(programme.say(programme.texts.welcome))
    if not await consented(talk, programme):
        talk.say(programme.say(programme.consent.refused))
    talk.go(talk.argument or "/menu")


async def language(talk: Talk, db: Db, programme: Programme) -> None:
    """/language: change it; every open question is then put in the new one."""
    talk.person.language = await talk.ask("language", LANGUAGE)
