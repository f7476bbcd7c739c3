"""What confirms: a button, its number, a yes, the deed's own name, and nothing else, whatever is asked."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import HOME
from handlers.talk.answer import held_offers, read_answer
from handlers.talk.confirm import agrees, confirms
from handlers.talk.kinds.choices import yes_no
from handlers.talk.kinds.contacts import email
from handlers.talk.kinds.numbers import amount
from handlers.talk.question import Misread, Question, Reply
from handlers.talk.state import State
from handlers.talk.words import Text, _, read_languages

LANGUAGES = read_languages(HOME / "locales")
CANCEL = ("Oui, annuler", "نعم، ألغوا الحصة", "Yes, cancel it")
NOW = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Africa/Casablanca"))
ASK: Text = _("Are you quite sure? This cannot be undone.")

YES = """
    oui · ok · d'accord · allez y · oui allez-y · ah oui · bien sûr que oui · oui svp · oui annulez-la svp · annule · annulez · oui je veux annuler
    yes · yes please · yes cancel it please · cancel it · go ahead · do it
    نعم · اه · واخا · اه لغيها · نعم ألغوها · لغيها عافاك · نعم من فضلكم · wakha · ah · siri · yallah
"""
NO_YES = """
    oui ? · oui mais · oui mais pas demain · oui si je peux la déplacer · oui sauf si yassine est là · ok pour 11h · oui, 10h30 · oui annulez celle de mardi
    n'annulez pas · ne pas annuler · non annulez pas · je sais pas · oui enfin non · annuler ou déplacer · pourquoi annuler · oui annulez la mienne et celle de karim
    yes but tomorrow · yes if possible · cancel it? · don't cancel · yes unless she comes · maybe yes
    نعم لكن غدا · نعم إذا أمكن · لا تلغوها · ما تلغيهاش · واخا ولكن نهار الخميس · نعم أو نبدلها · wakha walakin ghedda · ah ila momkin
"""
AGREEING = "j'accepte · oui j'accepte · oui je suis d'accord j'accepte · je suis d'accord · i agree · yes i agree · أوافق · نعم أنا موافقة · ana mwafe9 · ah ana mwafe9"
NOT_AGREEING = "ok · allez y · واخا · oui · d'accord · 👍 · j'accepte si c'est gratuit · je n'accepte pas · je suis pas d'accord · غير موافق · لا أوافق · j'accepte ? · i agree but not the news · wakha"


def split(said: str) -> list[str]:
    return [one.strip() for line in said.splitlines() for one in line.split(" · ") if one.strip()]


def heard(said: str) -> Reply:
    return Reply(said, "", None, "", False, NOW, [], LANGUAGES)


@pytest.mark.parametrize("said", split(YES))
def test_a_yes_or_the_deeds_own_name_confirms(said: str) -> None:
    assert confirms(said, CANCEL)


@pytest.mark.parametrize("said", split(NO_YES))
def test_a_condition_a_question_an_alternative_or_a_new_fact_does_not(said: str) -> None:
    assert not confirms(said, CANCEL)


@pytest.mark.parametrize("said", split(AGREEING))
def test_consent_is_given_in_so_many_words(said: str) -> None:
    assert agrees(said)
    assert yes_no(ASK, explicit=True).read(heard(said))


@pytest.mark.parametrize("said", split(NOT_AGREEING))
def test_a_mere_ok_or_half_a_yes_is_no_consent(said: str) -> None:
    assert not agrees(said)
    with suppress(Misread):
        assert not yes_no(ASK, explicit=True).read(heard(said))


CONDITION = st.sampled_from(
    split("""
        mais · si · sauf · ou · avant · pourquoi · peut-être · demain · 11h · 15 · mardi · jeudi · karim · 0612345678
        but · if · unless · or · why · maybe · tomorrow
        لكن · ولكن · إذا · إلا · أو · غدا · walakin · ila · ghedda
    """)
)
WORDS = st.lists(st.sampled_from([*split(YES), "la", "je", "it", "ana"]), min_size=0, max_size=3)


@given(WORDS, CONDITION, WORDS)
def test_no_yes_survives_another_word_wherever_it_stands(before: list[str], word: str, after: list[str]) -> None:
    said = " ".join([*before, word, *after])
    assert not confirms(said, CANCEL)
    assert not agrees(said)
    question = yes_no(ASK, yes=_("Yes, cancel it"), no=_("No, keep it"))
    with suppress(Misread):
        assert not question.read(heard(said))


OFFERED: dict[str, tuple[Question[Any], str]] = {
    "email": (email(ASK), "salma@gmial.com"),
    "amount": (amount(ASK, most=10**9), "2 millions"),
}
OTHERS = {
    "email": ["non, salma@gmial.com", "salma@gmial.com et karim@gmail.com", "écrivez à salma@gmial.com plutôt demain"],
    "amount": ["non, 2 millions", "plutôt 2 millions environ", "2 millions ou 3"],
}


@pytest.mark.parametrize("kind", list(OFFERED))
def test_other_words_that_give_the_same_reading_are_read_as_new(kind: str) -> None:
    question, said = OFFERED[kind]
    state = State("apply", 1)
    with pytest.raises(Misread) as misread:
        read_answer(question, heard(said), state, None)
    state.offers = held_offers(misread.value, heard(said))
    for other in OTHERS[kind]:
        with pytest.raises(Misread):
            read_answer(question, heard(other), state, None)
    if kind == "email":
        assert read_answer(question, heard(f" {said.upper()} "), state, None) == said, "their own words again insist"
