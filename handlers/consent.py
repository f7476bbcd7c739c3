"""The agreement under law 09-08, asked before the first personal question and kept with its proof."""

from __future__ import annotations

from handlers.programme.model import Programme
from handlers.talk.question import Heard, Misread, Option, Question, choice
from handlers.talk.talk import Talk
from handlers.talk.words import Text, _

DATA, NEWS = "data", "news"


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
        Option("agree", consent.agree, ("j'accepte", "accepter", "i agree", "أوافق", "موافق", "موافقة", "nwafe9")),
        Option("refuse", consent.refuse, ("je refuse", "refuser", "i do not agree", "لا أوافق", "غير موافق")),
    ]
    if more:
        options.insert(1, Option("more", consent.more, ("plus", "more", "المزيد")))
    question = choice(prompt, options)

    def read(heard: Heard) -> str:
        try:
            return question.read(heard)
        except Misread:
            if heard.intent == "no":
                return "refuse"
            if heard.intent in ("yes", "confirm"):
                raise Misread(_("For this one I need a clear yes: please press the button, or write “I agree”.")) from None
            raise

    return Question(
        prompt, read, question.load, question.keep, question.show, question.options, brief=_("Do you agree?"), passing=True, labels=question.labels
    )
