"""The agreement under law 09-08, asked before the first personal question and kept with its proof."""

from __future__ import annotations

from handlers.programme.model import Programme
from handlers.talk.confirm import agrees, confirms
from handlers.talk.kinds.choices import AGREED, CLEAR_YES, REFUSED, choice, said_no, said_yes
from handlers.talk.question import Misread, Option, Question, Reply
from handlers.talk.talk import Talk
from handlers.talk.words import Text, _

DATA = "data"


async def consented(talk: Talk, programme: Programme) -> bool:
    """Whether the person agreed to our keeping what they tell us; asks them if they have not been asked, or had refused."""
    consent = programme.consent
    if DATA in talk.person.agreed and not (talk.just("consent") or talk.just("consent_full")):
        return True
    answer = await talk.ask("consent", _agreement(programme, programme.say(consent.short), more=True))
    if answer == "more":
        answer = await talk.ask("consent_full", _agreement(programme, programme.say(consent.full), more=False))
    if talk.just("consent") or talk.just("consent_full"):
        talk.person.agree(DATA, answer == "agree", consent.version)
    return answer == "agree"


def _agreement(programme: Programme, prompt: Text, *, more: bool) -> Question[str]:
    """Agree, refuse or learn more. A mere "ok" is never enough: only the button, or its words."""
    consent = programme.consent
    options = [
        Option("agree", consent.agree, AGREED, explicit=True),
        Option("refuse", consent.refuse, REFUSED),
    ]
    if more:
        options.insert(1, Option("more", consent.more, ("plus", "more", "المزيد")))
    question = choice(prompt, options)

    def read(heard: Reply) -> str:
        try:
            return question.read(heard)
        except Misread:
            if said_no(heard):
                return "refuse"
            if agrees(heard.text):
                return "agree"
            if said_yes(heard) or confirms(heard.text):
                raise Misread(CLEAR_YES) from None
            raise

    return Question(
        prompt,
        read,
        question.load,
        question.keep,
        question.show,
        question.options,
        brief=_("Do you agree?"),
        passing=True,
        labels=question.labels,
    )
