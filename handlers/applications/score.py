"""What a reviewer makes of an application: points, or a conflict of interest."""

from __future__ import annotations

from handlers.actor import by_chat
from handlers.applications import actions, commands, points, words
from handlers.programme.model import Programme
from handlers.programme.model import Review as Rules
from handlers.rights import Act, may
from handlers.talk.kinds.choices import choice, yes_no
from handlers.talk.kinds.text import text
from handlers.talk.question import Option, optional, titled
from handlers.talk.talk import Talk
from handlers.talk.words import _, lines
from storage.applications import Application
from storage.database import Db
from storage.reviews import Review


async def score(
    talk: Talk, db: Db, programme: Programme, rules: Rules, application: Application, mine: Review | None
) -> None:
    """Points for each criterion, then notes; the review of a submitted application thereby begins."""
    ref, before = application.reference, mine.scores if mine is not None else {}
    scale = [Option(str(n), _("{n} · {label}", n=n, label=label)) for n, label in enumerate(rules.points, 1)]
    scores: dict[str, int] = {}
    for at, (id, criterion) in enumerate(rules.criteria.items(), 1):
        talk.heading(_("{ref}: {n} of {all}", ref=ref, n=at, all=len(rules.criteria)))
        asked = titled(choice(lines([criterion.label, criterion.help]), scale), criterion.label)
        known = before.get(id)
        given: str = await talk.ask(f"points_{id}", asked, known=str(known) if known else None)
        scores[id] = int(given)
    talk.heading(None)
    notes = await talk.ask(
        "notes", optional(text(_("What should your colleagues know? Founders do not see it."), longest=2000))
    )
    await actions.give_points(db, by_chat(talk), programme, application, scores, notes or "")
    talk.say(_("Kept: {points} for {ref}.", points=words.of_five(points.of(rules, scores)), ref=ref))
    talk.offer(_("Next application"), "/queue")
    if may(talk.person.roles, Act.DECIDE):
        talk.offer(_("Prepare a decision"), commands.file(ref, "decide"))
    talk.offer(_("Back to the file"), commands.file(ref))


async def conflict(talk: Talk, db: Db, application: Application, mine: Review | None) -> None:
    """Declare a conflict of interest, or take it back."""
    ref = application.reference
    if mine is not None and mine.conflict:
        await actions.withdraw_conflict(db, by_chat(talk), application)
        talk.say(_("Taken back: you can read {ref} again.", ref=ref))
        talk.offer(_("Back to the file"), commands.file(ref))
        return
    sure = _(
        "Do you know these founders, or gain from this decision? Then {ref} is closed to you and others read it.",
        ref=ref,
    )
    if await talk.ask("conflict", yes_no(sure, yes=_("Yes, others shall read it"), no=_("No, I can read it"))):
        await actions.declare_conflict(db, by_chat(talk), application)
        talk.say(_("Thank you for saying so. It is noted, and you will not be shown this application again."))
        talk.offer(_("Next application"), "/queue")
    else:
        talk.offer(_("Back to the file"), commands.file(ref))
        talk.say(_("Good: the application stays open to you."))
