"""/file ABC-2026-0042: one application as the team reads it: the card, the answers, the documents."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.actor import by_chat
from handlers.applications import commands, points, requirements, words
from handlers.applications.decisions import decide
from handlers.applications.request_changes import request_changes
from handlers.applications.score import conflict, score
from handlers.programme.model import Programme
from handlers.rights import Act, may, may_open
from handlers.talk.kinds.choices import choice
from handlers.talk.message import File
from handlers.talk.talk import Talk
from handlers.talk.words import Listed, Text, UserText, _, lines, n_
from storage import applications, change_requests, reviews
from storage.applications import OPEN, Application
from storage.database import Db
from storage.reviews import Review


async def file(talk: Talk, db: Db, programme: Programme) -> None:
    reference, wish = commands.read_file(talk.argument)
    application = await applications.by_reference(db, programme.programme, reference)
    if application is None or not may_open(by_chat(talk), application):
        talk.say(_("There is no application “{ref}” that you can open.", ref=reference or "—"))
        talk.offer(_("Applications to read"), "/queue")
        return
    talk.about(application.person_id)
    given = await reviews.of(db, application.id)
    mine = next((review for review in given if review.reviewer_id == talk.person.id), None)
    if mine is not None and mine.conflict and wish != "conflict":
        ref = application.reference
        talk.say(_("You declared a conflict of interest for {ref}, so it stays closed to you.", ref=ref))
        talk.offer(_("There is none after all"), commands.file(ref, "conflict"))
        talk.offer(_("Next application"), "/queue")
        return
    match wish:
        case "answers":
            _answers(talk, programme, application)
        case "documents":
            await _documents(talk, db, programme, application)
        case "score" if programme.review is not None:
            await score(talk, db, programme, programme.review, application, mine)
        case "conflict":
            await conflict(talk, db, application, mine)
        case "ask" if _decides(talk):
            await request_changes(talk, db, programme, application)
        case "decide" if _decides(talk):
            await decide(talk, db, programme, application)
        case _:
            await _card(talk, db, programme, application, given, mine)


def _decides(talk: Talk) -> bool:
    return may(talk.person.roles, Act.DECIDE)


async def _card(
    talk: Talk, db: Db, programme: Programme, application: Application, given: Sequence[Review], mine: Review | None
) -> None:
    scored = [review for review in given if not review.conflict]
    texts: list[Text] = [
        words.card(programme, application, len(scored)),
        _("Status: {status}", status=words.label(programme, application.status)),
    ]
    if application.words and _decides(talk):
        texts.append(_("Written to the founder: “{words}”", words=UserText(application.words)))
    if mine is not None or _decides(talk):  # nobody reads the others before their own review
        texts += _points(programme, scored)
    requests = await change_requests.of(db, application.id)
    texts += [words.difference(programme, request) for request in requests if request.answered_at is not None]
    if waiting := sum(request.answered_at is None for request in requests):
        texts.append(n_("{n} change asked for is still to come.", "{n} changes asked for are still to come.", waiting))
    await talk.ask("what", choice(lines(texts), _ways(talk, programme, application, mine)))


def _points(programme: Programme, scored: Sequence[Review]) -> list[Text]:
    """The mean of the reviews, and each of them."""
    rules = programme.review
    if rules is None or not scored:
        return []
    mean = points.mean(rules, [review.scores for review in scored]) or 0
    return [
        _("Mean of the reviews: {points}", points=words.of_five(mean)),
        *(
            _(
                "• {name}: {points}. {notes}",
                name=review.name or "—",
                points=words.of_five(points.of(rules, review.scores)),
                notes=UserText(review.notes or "—"),
            )
            for review in scored
        ),
    ]


def _ways(talk: Talk, programme: Programme, application: Application, mine: Review | None) -> dict[str, Text]:
    """What can be done with a file, by the command that does it."""
    ref = application.reference
    options: dict[str, Text] = {
        commands.file(ref, "answers"): _("Read the answers"),
        commands.file(ref, "documents"): _("Documents"),
    }
    if application.status in OPEN:
        if programme.review is not None:
            options[commands.file(ref, "score")] = _("Change my points") if mine is not None else _("Give points")
        if mine is None:
            options[commands.file(ref, "conflict")] = _("Conflict of interest")
        if _decides(talk):
            options |= {
                commands.file(ref, "ask"): _("Ask for a change"),
                commands.file(ref, "decide"): _("Prepare a decision"),
            }
    options["/queue"] = _("Next application")
    return options


def _answers(talk: Talk, programme: Programme, application: Application) -> None:
    """Every answer under its section, in the founder's own words."""
    language = words.in_language(application)
    talk.say(_("{ref}, written {language}:", ref=application.reference, language=language))
    checks = programme.eligibility.questions.items()
    known = [(check.title, id) for id, check in checks if id in application.answers]
    asked = requirements.changeable(programme, application)
    if known:
        talk.say(lines(_answer(programme, application, title, id) for title, id in known))
    for section in programme.form.sections.values():
        fields = [(field.label, id) for id, field in section.fields.items() if id in asked]
        if fields:
            texts = [_answer(programme, application, label, id) for label, id in fields]
            talk.say(lines([section.title, *texts]))
    _onward(talk, application)


def _answer(programme: Programme, application: Application, title: Text, id: str) -> Text:
    return _("{title}: {answer}", title=title, answer=words.value(programme, application, id))


async def _documents(talk: Talk, db: Db, programme: Programme, application: Application) -> None:
    sent = await applications.files(db, application.id)
    for row in sent:
        document = programme.form.documents.get(row.document)
        label = document.label if document is not None else UserText(row.document)
        talk.forward(
            File(row.id, row.name, row.kind, row.size),
            _("{ref}: {document}", ref=application.reference, document=label),
        )
    missing = requirements.missing(programme, application.applicant, {row.document for row in sent})
    talk.say(
        _("Missing: {documents}.", documents=Listed(tuple(missing)))
        if missing
        else _("Every required document is here.")
    )
    _onward(talk, application)


def _onward(talk: Talk, application: Application) -> None:
    talk.offer(_("Give points"), commands.file(application.reference, "score"))
    talk.offer(_("Back to the file"), commands.file(application.reference))
    talk.offer(_("Next application"), "/queue")
