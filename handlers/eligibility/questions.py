"""The questions of the eligibility check, as the programme writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from handlers.eligibility import rules
from handlers.programme.model import Answer, Programme
from handlers.talk.kinds import choices
from handlers.talk.message import Json
from handlers.talk.question import Option, Question
from handlers.talk.talk import Talk
from handlers.talk.words import Joined, Text, _, lines


def options_of(answers: Mapping[str, Answer]) -> list[Option]:
    return [Option(id, answer.label, tuple(answer.also)) for id, answer in answers.items()]


def with_help(ask: Text, answers: Mapping[str, Answer]) -> Text:
    """The question, and what its options mean where staff explained them."""
    helped = [
        _("• {option}: {meaning}", option=answer.label, meaning=answer.help)
        for answer in answers.values()
        if answer.help
    ]
    return Joined((ask, lines(helped))) if helped else ask


@cache
def check_question(programme: Programme, id: str) -> Question[Any]:
    """A question of the eligibility check."""
    check = programme.eligibility.questions[id]
    prompt, options = with_help(programme.say(check.ask), check.options), options_of(check.options)
    question: Question[Any] = choices.several(prompt, options) if check.several else choices.choice(prompt, options)
    return replace(question, title=check.title, brief=programme.say(check.ask))


async def ask_checks(talk: Talk, programme: Programme, known: Mapping[str, Json]) -> dict[str, Any]:
    """All questions of the check that apply, one after the other; `known` answers can be kept with one tap."""
    answers: dict[str, Any] = {}
    for id, check in programme.eligibility.questions.items():
        if rules.asked(check, answers):
            answers[id] = await talk.ask(id, check_question(programme, id), known=known.get(id))
    return answers
