"""Who is eligible, who is looked at, who is not, and why: the programme's rules as a table and as laws."""

from __future__ import annotations

import re
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import HOME
from handlers.eligibility.rules import Reason, Verdict, asked, judge
from handlers.eligibility.verdict import explain
from handlers.programme.load import load
from handlers.programme.model import Check
from handlers.talk.words import read_languages

TONGUES = read_languages(HOME / "locales")
PROGRAMME = load(HOME / "programmes" / "technopark-oujda.yaml")
RULES = PROGRAMME.eligibility
Answers: TypeAlias = "dict[str, str | list[str]]"

GOOD: Answers = {
    "applicant_type": "company",
    "sector": ["it"],
    "stage": "prototype",
    "innovation": "new",
    "site": "oriental",
    "team_size": "2_5",
    "company_age": "1_3",
    "commitment": "full",
}

# what each option means by itself, as the programme states it
MEANS = {
    "applicant_type": "project_holder ok · auto_entrepreneur ok · company ok · academic ok · cooperative review · other m1",
    "sector": "it ok · green ok · creative ok · tech_other review · other m2",
    "stage": "none m3 · idea pre · prototype ok · launched ok · growth ok",
    "innovation": "new ok · improved ok · creation ok · adapted review · unsure review · none m4",
    "site": "oriental ok · move ok · abroad review · elsewhere m5",
    "team_size": "solo ok · 2_5 ok · 6_20 ok · 21_50 review · 50_plus m6",
    "company_age": "not_yet ok · lt1 ok · 1_3 ok · 3_5 ok · gt5 m7",
    "commitment": "full ok · half ok · soon review · little m8",
}
ROWS = [(question, *row.split(" ")) for question, rows in MEANS.items() for row in rows.split(" · ")]
ORDER = ("ok", "review", "pre", "no")


def worse(one: Verdict, other: Verdict) -> bool:
    return ORDER.index(one.result) > ORDER.index(other.result)


def test_the_table_names_every_option_of_the_programme() -> None:
    assert [(question, option) for question, option, _means in ROWS] == [
        (id, option) for id, check in RULES.questions.items() for option in check.options
    ]


def test_good_answers_are_eligible_and_need_no_reasons() -> None:
    assert judge(RULES, GOOD) == Verdict("ok", ())
    assert judge(RULES, {}) == Verdict("ok", ())


@pytest.mark.parametrize(("question", "option", "means"), ROWS)
def test_one_answer_decides_by_itself_and_is_named(question: str, option: str, means: str) -> None:
    verdict = judge(RULES, {**GOOD, question: option})
    if means == "ok":
        assert verdict == Verdict("ok", ())
    elif means in ("review", "pre"):
        assert verdict == Verdict(means, (Reason(question, option, means, None),))  # type: ignore[arg-type]
    else:
        assert verdict == Verdict("no", (Reason(question, option, "no", means),))
        assert verdict.refusals(2) == [means]


@pytest.mark.parametrize(
    ("changed", "result", "reasons"),
    [
        # a no outweighs all, and only what says no is named
        ({"stage": "none", "innovation": "unsure"}, "no", ["stage"]),
        ({"stage": "idea", "commitment": "little"}, "no", ["commitment"]),
        (
            {"applicant_type": "other", "site": "elsewhere", "team_size": "50_plus"},
            "no",
            ["applicant_type", "site", "team_size"],
        ),
        # an early stage is pre-incubation, whatever else is to be looked at
        ({"stage": "idea", "innovation": "unsure", "site": "abroad"}, "pre", ["stage", "innovation", "site"]),
        # a look by the team never blocks
        ({"applicant_type": "cooperative", "team_size": "21_50"}, "review", ["applicant_type", "team_size"]),
        # of several sectors the best counts
        ({"sector": ["it", "other"]}, "ok", []),
        ({"sector": ["other", "tech_other"]}, "review", ["sector"]),
        ({"sector": ["other"]}, "no", ["sector"]),
        ({"sector": "other"}, "no", ["sector"]),
        # a company's age counts only where there is a company
        ({"company_age": "gt5"}, "no", ["company_age"]),
        ({"company_age": "gt5", "applicant_type": "project_holder"}, "ok", []),
        ({"company_age": "gt5", "applicant_type": "academic"}, "ok", []),
        ({"company_age": "gt5", "applicant_type": "cooperative"}, "no", ["company_age"]),
        # what the programme no longer has says nothing
        ({"stage": "dream", "sector": ["other", "space"], "horoscope": "leo"}, "no", ["sector"]),
        ({"sector": []}, "ok", []),
    ],
)
def test_answers_are_weighed_together(changed: Answers, result: str, reasons: list[str]) -> None:
    verdict = judge(RULES, {**GOOD, **changed})
    assert (verdict.result, [reason.question for reason in verdict.reasons]) == (result, reasons)


def test_at_most_two_refusals_are_explained_the_first_questions_first_and_none_twice() -> None:
    verdict = judge(RULES, {**GOOD, "commitment": "little", "stage": "none", "applicant_type": "other"})
    assert verdict.refusals(RULES.most_refusals) == ["m1", "m3"]
    assert verdict.refusals(9) == ["m1", "m3", "m8"]
    twice = Verdict("no", (Reason("a", "x", "no", "m1"), Reason("b", "y", "no", "m1"), Reason("c", "z", "no", "m2")))
    assert twice.refusals(2) == ["m1", "m2"]


@pytest.mark.parametrize(
    ("answers", "put"),
    [
        ({"kind": "idea"}, False),
        ({"kind": "firm"}, True),
        ({}, True),
        ({"kind": ["firm", "idea"]}, False),
        ({"kind": ["firm"]}, True),
    ],
)
def test_a_question_is_not_put_where_an_earlier_answer_makes_it_needless(answers: Answers, put: bool) -> None:
    check = Check.model_validate(
        {
            "ask": "?",
            "title": "Age",
            "unless": {"kind": ["idea"]},
            "options": {"a": {"label": "A"}, "b": {"label": "B"}},
        }
    )
    assert asked(check, answers) is put


# laws ---------------------------------------------------------------------------------------------------------------


def answered(question: str) -> st.SearchStrategy[str | list[str]]:
    check = RULES.questions[question]
    one = st.sampled_from(sorted(check.options))
    return st.lists(one, min_size=1, unique=True) if check.several else one


ANSWERS = st.fixed_dictionaries({question: answered(question) for question in RULES.questions})


@given(ANSWERS)
def test_the_verdict_is_the_worst_that_any_asked_question_says(answers: Answers) -> None:
    table = {(question, option): means if means in ORDER else "no" for question, option, means in ROWS}
    says = []
    for question, answer in answers.items():
        if question == "company_age" and answers["applicant_type"] in ("project_holder", "academic"):
            continue
        says.append(
            min(ORDER.index(table[question, option]) for option in (answer if isinstance(answer, list) else [answer]))
        )
    verdict = judge(RULES, answers)
    assert verdict.result == ORDER[max(says)]
    assert bool(verdict.reasons) == (verdict.result != "ok")
    assert bool(verdict.refusals(2)) == (verdict.result == "no")


@given(ANSWERS)
def test_answering_the_next_question_never_mends_a_verdict(answers: Answers) -> None:
    so_far: Answers = {}
    verdict = judge(RULES, so_far)
    for question in RULES.questions:  # in the order they are put
        so_far[question] = answers[question]
        following = judge(RULES, so_far)
        assert not worse(verdict, following)
        verdict = following


@given(ANSWERS, st.data())
def test_one_more_sector_never_makes_it_worse(answers: Answers, data: st.DataObject) -> None:
    more = data.draw(st.sampled_from(sorted(RULES.questions["sector"].options)))
    assert not worse(judge(RULES, {**answers, "sector": [*answers["sector"], more]}), judge(RULES, answers))


@given(ANSWERS, st.permutations(sorted(RULES.questions)))
def test_the_order_of_answering_changes_nothing(answers: Answers, order: list[str]) -> None:
    assert judge(RULES, {question: answers[question] for question in order}) == judge(RULES, answers)


@given(ANSWERS, st.sampled_from(sorted(TONGUES)))
def test_the_words_of_a_verdict_name_every_reason_in_every_language(answers: Answers, code: str) -> None:
    verdict, tongue = judge(RULES, answers), TONGUES[code]
    said = re.sub("[\u2066-\u2069]", "", tongue.say(explain(PROGRAMME, verdict)))
    for reason in verdict.reasons:
        check = RULES.questions[reason.question]
        assert (
            f"{check.title.by_language[code]}: {check.options[reason.option].label.by_language[code]}"
            in said.replace(" :", ":")
        )
    explained = [id for id, text in RULES.refusals.items() if re.sub("[\u2066-\u2069]", "", tongue.say(text)) in said]
    assert explained == sorted(verdict.refusals(RULES.most_refusals))
