"""Eligibility as a pure function: answers and the programme's rules -> a verdict with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from handlers.programme.model import Check, Eligibility

Result: TypeAlias = Literal["ok", "pre", "review", "no"]
_WORST_FIRST: tuple[Result, ...] = ("no", "pre", "review", "ok")


@dataclass(frozen=True, slots=True)
class Reason:
    """An answer that decided: the question, the option, and what it means."""

    question: str
    option: str
    result: Result
    refusal: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    result: Result
    reasons: tuple[Reason, ...]  # in the order of the questions; none for "ok"

    def refusals(self, most: int) -> list[str]:
        """The explanations of a "no", each once, at most `most`, the first question's first."""
        return list(dict.fromkeys(reason.refusal for reason in self.reasons if reason.refusal))[:most]


def asked(check: Check, answers: Mapping[str, str | list[str]]) -> bool:
    """Whether a question is put, given the earlier answers."""
    return not any(
        option in values for question, values in check.unless.items() for option in _options(answers.get(question, []))
    )


def _options(answer: str | list[str]) -> list[str]:
    return answer if isinstance(answer, list) else [answer]


def judge(rules: Eligibility, answers: Mapping[str, str | list[str]]) -> Verdict:
    """What the answers mean. "no" outweighs all; an early stage is "pre"; "review" never blocks.

    Of several options chosen for one question the best counts: a project in IT and trade is in IT. An option that the
    programme no longer has says nothing.
    """
    reasons = []
    for id, check in rules.questions.items():
        chosen = {option: check.options[option] for option in _options(answers.get(id, [])) if option in check.options}
        if not chosen or not asked(check, answers):
            continue
        best = max(chosen, key=lambda option: _WORST_FIRST.index(chosen[option].result))
        option = chosen[best]
        if option.result != "ok":
            reasons.append(Reason(id, best, option.result, option.refusal if option.result == "no" else None))
    result: Result = next((level for level in _WORST_FIRST if any(reason.result == level for reason in reasons)), "ok")
    deciding = tuple(reason for reason in reasons if reason.result == result or result == "pre")
    return Verdict(result, deciding)
