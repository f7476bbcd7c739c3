"""/apply: the application, section by section, saved after every answer; its documents; one review; one submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.actor import by_chat
from handlers.applications import actions, form, requirements, words
from handlers.consent import consented
from handlers.eligibility import questions, rules
from handlers.eligibility.verdict import explain, facts
from handlers.programme.model import Programme, Section
from handlers.talk import lexicon, understand
from handlers.talk.kinds.choices import choice
from handlers.talk.message import File, Json
from handlers.talk.question import Option, passing
from handlers.talk.talk import Talk
from handlers.talk.words import Listed, Text, _, lines, paragraphs
from storage import applications
from storage.database import Db


async def apply(talk: Talk, db: Db, programme: Programme) -> None:
    if not await consented(talk, programme):
        talk.say(programme.say(programme.consent.refused))
        return
    if await talk.once("open", lambda: _open(talk, db, programme)):
        _already(talk)
        return
    checks = await _checked(talk, programme)
    if checks is None:
        return
    applicant = requirements.applicant_of(programme, checks)
    await _begin(talk, programme, applicant)
    sections = [
        s for s in programme.form.sections.values() if any(field.need(applicant) != "no" for field in s.fields.values())
    ]
    steps = len(sections) + bool(requirements.needed(programme, applicant))
    answers = await _fields(talk, programme, applicant, checks, sections, steps)
    documents = await _documents(talk, programme, applicant, steps)
    missing = requirements.missing(programme, applicant, {id for id, files in documents.items() if files})
    prompt: list[Text] = [_("Here is everything you told me. Please read it once more.")]
    if missing:
        prompt.append(_("Still missing, to be sent later: {documents}.", documents=Listed(tuple(missing))))
    talk.heading(None)
    await talk.review("review", paragraphs(prompt), _("Send my application"))

    try:
        submitted = await actions.submit(db, by_chat(talk), programme, {**checks, **answers}, documents)
    except actions.AlreadyApplied:
        _already(talk)
        return
    talk.person.remember(**{id: answers.get(id) for id in ("full_name", "phone", "email") if answers.get(id)})
    project = str(answers.get("project_name", ""))
    talk.say(words.received(programme, talk.person.first_name, project, submitted.reference))
    if submitted.missing:
        talk.say(_("You can send what is missing at any time: write “track” or press the button below."))
        talk.offer(_("Send a document"), "/track document")
    talk.offer(_("Track my application"), "/track")
    talk.offer(_("Menu"), "/menu")


async def _open(talk: Talk, db: Db, programme: Programme) -> bool:
    return await applications.current(db, talk.person.id, programme.programme) is not None


async def _facts(talk: Talk) -> dict[str, Json]:
    return dict(facts(talk.person.profile))


def _already(talk: Talk) -> None:
    talk.say(_("You already have an application with us. You can follow it, change it or withdraw it."))
    talk.offer(_("Track my application"), "/track")
    talk.offer(_("Menu"), "/menu")


async def _checked(talk: Talk, programme: Programme) -> dict[str, Any] | None:
    """The eligibility answers: those given before if they are still right, else asked now; None if they lead to a no."""
    known = await talk.once("facts", lambda: _facts(talk))  # pinned: this flow writes them itself further down
    shown = [
        (check.title, text)
        for id, check in programme.eligibility.questions.items()
        if id in known and (text := words.shown(programme, id, known[id]))
    ]
    answers: dict[str, Any] | None = None
    if shown:
        listed = lines(_("• {title}: {answer}", title=title, answer=answer) for title, answer in shown)
        prompt = paragraphs([_("From your eligibility check I already know:"), listed, _("Is this still right?")])
        options = {"right": _("Yes, it is right"), "change": _("No, let me change it")}
        if await talk.ask("known", passing(choice(prompt, options))) == "right":
            answers = {id: value for id, value in known.items() if id in programme.eligibility.questions}
            if any(
                rules.asked(check, answers) and id not in answers
                for id, check in programme.eligibility.questions.items()
            ):
                answers = None  # the programme asks something new since
    if answers is None:
        answers = await questions.ask_checks(talk.under("check"), programme, known)
        talk.person.remember(
            eligibility={
                "answers": answers,
                "verdict": rules.judge(programme.eligibility, answers).result,
                "on": talk.today.isoformat(),
            }
        )
    verdict = rules.judge(programme.eligibility, answers)
    if verdict.result != "no":
        return answers
    talk.say(explain(programme, verdict))
    talk.offer(_("Review my answers"), "/eligibility")
    talk.offer(_("Talk to the team"), "/human")
    talk.offer(_("Menu"), "/menu")
    return None


async def _begin(talk: Talk, programme: Programme, applicant: str) -> None:
    """What it takes, before it starts: the time and the documents."""
    wanted = requirements.needed(programme, applicant)
    required = [document.label for document, need in wanted.values() if need == "required"]
    optional = [document.label for document, need in wanted.values() if need == "optional"]
    texts: list[Text] = [programme.say(programme.form.intro)]
    if required:
        texts.append(lines([_("Documents to prepare:"), *(_("• {document}", document=label) for label in required)]))
    if optional:
        texts.append(lines([_("If you have them:"), *(_("• {document}", document=label) for label in optional)]))
    if wanted:
        texts.append(_("A photo or a PDF of each is fine, and you can send them later."))
    also = ("commencer", "ok", "yallah", "go", "oui", "نعم", "ابدأ")
    start = choice(paragraphs(texts), [Option("start", _("Start"), also), Option("/menu", _("Not now"))])
    await talk.ask("start", passing(start))


async def _fields(
    talk: Talk,
    programme: Programme,
    applicant: str,
    checks: Mapping[str, Json],
    sections: Sequence[Section],
    steps: int,
) -> dict[str, Json]:
    """The answers to every field that applies, by id, as JSON."""
    answers: dict[str, Json] = {}
    for step, section in enumerate(sections, 1):
        talk.heading(_("Step {n} of {m}: {title}", n=step, m=steps, title=section.title))
        for id, field in section.fields.items():
            if not requirements.applies(field, applicant, {**checks, **answers}):
                continue
            question = form.field_question(programme, id, field.need(applicant))
            value = await talk.ask(id, question, known=talk.person.profile.get(id))
            answers[id] = question.keep(value)
            if value is False and field.stop_if_no is not None:
                await _stopped(talk, programme.say(programme.eligibility.refusals[field.stop_if_no]), id)
            if value is False and field.consent == "data":
                await _stopped(talk, programme.say(programme.consent.refused), id)
            if field.consent is not None and talk.just(id):
                talk.person.agree(field.consent, bool(value), programme.consent.version)
    return answers


async def _stopped(talk: Talk, why: Text, field: str) -> None:
    """An answer that the application cannot go on with; it waits, in case it was a slip."""
    await talk.ask(f"{field}_stop", passing(choice(why, {"/back": _("Change my answer"), "/menu": _("Menu")})))


async def _documents(talk: Talk, programme: Programme, applicant: str, step: int) -> dict[str, list[File]]:
    """The files sent for each document; the required ones are asked for, of the others the founder picks."""
    wanted = requirements.needed(programme, applicant)
    if not wanted:
        return {}
    talk.heading(_("Step {n} of {m}: {title}", n=step, m=step, title=_("Documents")))
    listed = lines(
        _("• {document}", document=document.label) for document, need in wanted.values() if need == "required"
    )
    later = Option("later", _("Send them all later"), tuple(understand.split(lexicon.INTENTS["skip"])))
    prompt = paragraphs([_("Now the documents, as photos or PDF files:"), listed])
    if await talk.ask("documents", passing(choice(prompt, [Option("now", _("Send them now")), later]))) == "later":
        return {}
    sent: dict[str, list[File]] = {}
    for id, (_document, need) in wanted.items():
        if need == "required" and (files := await talk.ask(f"doc_{id}", form.document_question(programme, id, need))):
            sent[id] = files
    spare = {id: document.label for id, (document, need) in wanted.items() if need == "optional"}
    while spare:
        more = choice(_("Do you also have one of these? They are optional."), {**spare, "none": _("No, that is all")})
        picked = await talk.ask(f"extra_{len(spare)}", passing(more))
        if picked == "none":
            break
        spare.pop(picked)
        if files := await talk.ask(f"doc_{picked}", form.document_question(programme, picked, "optional")):
            sent[picked] = files
    return sent
