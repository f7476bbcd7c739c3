"""The verdict of the eligibility check in words, and what a person answered in it last time."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.eligibility import rules
from handlers.programme.model import Programme
from handlers.talk.message import Json
from handlers.talk.words import Text, _, lines, paragraphs


def facts(profile: Mapping[str, Json]) -> Mapping[str, Json]:
    """What a person answered last time; empty if they never did the check."""
    kept = profile.get("eligibility")
    answers = kept.get("answers") if isinstance(kept, dict) else None
    return answers if isinstance(answers, dict) else {}


def explain(programme: Programme, verdict: rules.Verdict) -> Text:
    """The verdict in words: what it is, because of which answers, and what else is open to them."""
    results, refusals = programme.eligibility.results, programme.eligibility.refusals
    if verdict.result == "no":
        named = [programme.say(refusals[id]) for id in verdict.refusals(programme.eligibility.most_refusals)]
        return paragraphs(
            [programme.say(results.no_open), *named, because(programme, verdict), programme.say(results.no_close)]
        )
    by_result = {"ok": results.ok, "pre": results.pre, "review": results.review}
    texts: list[Text] = [programme.say(by_result[verdict.result])]
    if verdict.reasons:
        texts.append(because(programme, verdict))
    return paragraphs(texts)


def because(programme: Programme, verdict: rules.Verdict) -> Text:
    """The answers that decided, by name."""
    checks = programme.eligibility.questions
    named = [
        _("• {title}: {answer}", title=checks[r.question].title, answer=checks[r.question].options[r.option].label)
        for r in verdict.reasons
    ]
    return lines([_("What decided:"), *named])
