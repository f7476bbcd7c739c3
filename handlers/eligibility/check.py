"""/eligibility: eight questions, then the verdict, each reason by name, and every way onward."""

from __future__ import annotations

from handlers.consent import consented
from handlers.eligibility import questions, rules
from handlers.eligibility.verdict import explain, facts
from handlers.programme.model import Programme
from handlers.talk.talk import Talk
from handlers.talk.words import _
from storage.database import Db


async def eligibility(talk: Talk, db: Db, programme: Programme) -> None:
    if not await consented(talk, programme):
        talk.say(programme.say(programme.consent.refused))
        return
    talk.say(programme.say(programme.eligibility.intro))
    answers = await questions.ask_checks(talk, programme, facts(talk.person.profile))
    verdict = rules.judge(programme.eligibility, answers)
    talk.person.remember(eligibility={"answers": answers, "verdict": verdict.result, "on": talk.today.isoformat()})
    talk.say(explain(programme, verdict))
    if verdict.result != "no":
        talk.offer(_("Apply now"), "/apply")
    else:
        talk.offer(_("Review my answers"), "/eligibility")
        talk.offer(_("Talk to the team"), "/human")
    talk.offer(_("Our services"), "/services")
    talk.offer(_("Menu"), "/menu")
