"""Running a conversation: open it, put its question, give it an answer, and what follows when it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.turn_context import UNTOUCHED, TurnContext
from handlers.contents import Entry, Flow
from handlers.programme.model import Programme
from handlers.rights import Refused, may
from handlers.talk import understand
from handlers.talk.message import Button, Outgoing
from handlers.talk.press import EDIT
from handlers.talk.question import Reply
from handlers.talk.state import State
from handlers.talk.talk import Asked, Run, Talk
from handlers.talk.words import Language, Text, _, paragraphs
from storage import Conflict
from storage.database import Db

TRIES = 3  # runs of a flow that somebody else was faster than


class Runs:
    """Runs conversations. A message that leads to another command leaves it in `turn.onward`."""

    def __init__(self, entries: Mapping[str, Entry], programme: Programme, languages: Mapping[str, Language]) -> None:
        self.entries = entries
        self.programme = programme
        self.languages = languages

    async def told(self, turn: TurnContext, state: State, value: str) -> Run:
        """Give a message to the question a talk is at."""
        if state.asking == EDIT:
            return await self._edit_chosen(turn, state, value)
        incoming = turn.incoming
        local = turn.now.astimezone(self.programme.zone)
        heard = Reply(
            "" if value else incoming.text,
            value,
            None if value else incoming.file,
            incoming.trouble,
            incoming.kind == "contact",
            local,
            list(state.picked),
            self.languages,
            state.shown,
        )
        return await self.run(turn, state, heard)

    async def _edit_chosen(self, turn: TurnContext, state: State, value: str) -> Run:
        line = understand.count(turn.incoming.text)
        name = value or (state.shown[line - 1] if line and line <= len(state.shown) else "")
        if name in state.answers:
            state.retracted[name] = state.answers.pop(name)
        return await self.show(turn)

    async def open(
        self, turn: TurnContext, name: str, argument: str = "", *, note: Text | None = None, interrupted: int = 0
    ) -> None:
        """Begin a conversation, or go on with it where it was left."""
        entry, current = self.entries[name], turn.current
        if not turn.person.language and name != "start" and current is not None and current.name == "start":
            current.argument = f"/{name} {argument}".strip()  # the language comes first; this follows
            await self.show(turn)
            return
        state = next((s for s in turn.talks.values() if s.name == name), None)
        if state is not None and ((entry.resume is None and name not in ("menu", "human")) or argument):
            turn.close(state)
            interrupted = interrupted or state.interrupted
            state = None
        if state is None:
            turn.person.talks += 1
            state = State(name, turn.person.talks, argument=argument, interrupted=interrupted)
            turn.talks[state.number] = state
        elif state.asking == EDIT:
            state.asking = ""
        interrupts = (
            current is not None
            and current.number != state.number
            and current.asking
            and current.name != "menu"
            and current.number in turn.talks
        )
        chosen = (
            current is not None and not current.aside and f"/{name} {argument}".strip() in current.shown
        )  # a line of its list led here
        if current is not None and interrupts and not chosen and (entry.brief or name == "human"):
            state.interrupted = current.interrupted if self.entries[current.name].brief else current.number
        turn.person.current = state.number
        if name == "menu":
            state.answers, state.misreads = {}, 0
        elif entry.resume is not None and state.answers and state.asking:
            note = note or _("Welcome back! I kept your answers.")
        await self.run(turn, state, None, note)

    async def show(self, turn: TurnContext, *notes: Text | None) -> Run:
        """Put the open question again, after the notes; the menu if nothing is open."""
        state = turn.current
        said = [note for note in notes if note is not None]
        if state is None or not self.entries.get(state.name):
            await self.open(turn, "menu", note=paragraphs(said) if said else None)
            return Run(State("menu", 0), None)
        return await self.run(turn, state, None, *said)

    async def dry(self, turn: TurnContext, state: State) -> Run:
        """A run that only looks: the answers so far, in order; nothing is said."""
        asking, misreads, shown = state.asking, state.misreads, state.shown
        run = Run(state, None)
        with suppress(Refused):  # nothing to look at: the run that follows says so
            await self._flow(turn, state, run)
        state.asking, state.misreads, state.shown = asking, misreads, shown
        return run

    async def run(self, turn: TurnContext, state: State, heard: Reply | None, *notes: Text | None) -> Run:
        turn.touched.add(state.number)
        if heard is None:
            state.offers = []
        for last_try in (*[False] * (TRIES - 1), True):
            run = Run(state, heard)
            run.notes.extend(note for note in notes if note is not None)
            try:
                ended = await self._flow(turn, state, run)
                break
            except Refused:  # the role was taken away since it was opened
                turn.close(state)
                await self.open(turn, "menu", note=_("Your role no longer allows this, so nothing was done."))
                return Run(State("menu", 0), None)
            except Conflict:  # somebody was first: the answers stand, the world is looked at again
                heard = None
                if last_try:
                    raise
        turn.taken |= run.taken
        turn.discard += run.discard
        turn.about |= run.about
        turn.enclosed += run.enclosed
        if run.next and not ended:  # the message went onward: the question stays open behind it
            turn.onward = run.next
            return run
        turn.out += run.out
        if ended:
            await self._ended(turn, state, run)
        state.touched = turn.now
        return run

    async def _flow(self, turn: TurnContext, state: State, run: Run) -> bool:
        """Whether the conversation came to its end. Refused if the person may not have it (any more)."""
        entry = self.entries[state.name]
        if not may(turn.person.roles, entry.act):
            raise Refused(entry.act)
        drafts = {
            other.name: (f"/resume {other.number}", label)
            for other in turn.talks.values()
            if other is not state
            and other.asking
            and other.name in self.entries
            and (label := self.entries[other.name].resume)
        }
        talk = Talk(run, turn.person, self.languages, turn.now, self.programme.zone, drafts)
        if turn.db is UNTOUCHED:
            return await _play(entry.flow, talk, turn.db, self.programme, run)
        savepoint = await turn.db.begin_nested()  # whatever is written before a question is undone
        try:
            ended = await _play(entry.flow, talk, turn.db, self.programme, run)
        except BaseException:
            await savepoint.rollback()
            raise
        await (savepoint.commit() if ended else savepoint.rollback())
        return ended

    async def _ended(self, turn: TurnContext, state: State, run: Run) -> None:
        """A conversation is over: say what it said, then go on where the person was."""
        if run.stays:
            state.answers, state.misreads = {}, 0
            if run.said:
                buttons = tuple(Button(label, command) for label, command in run.offers)
                turn.out.append(Outgoing(paragraphs([*run.notes, *run.said]), buttons))
            return
        turn.close(state)
        if turn.person.erased:
            turn.out.append(Outgoing(paragraphs(run.said)))
            return
        said = [*run.notes, *run.said]
        if run.next:
            if said:
                turn.out.append(Outgoing(paragraphs(said)))
            turn.onward = run.next
            turn.person.current = state.interrupted  # what follows interrupts what this one did
            return
        await self.after(turn, state, said, [Button(label, command) for label, command in run.offers])

    async def after(
        self, turn: TurnContext, state: State, said: list[Text], offers: list[Button] | None = None
    ) -> None:
        """After a conversation: the question it interrupted, or its ways onward."""
        # of somebody who is just linked, the talks of two are being made one
        interrupted = turn.talks.get(state.interrupted) if not turn.person.linked else None
        if interrupted is not None and interrupted.name == "human" and not turn.person.exchange:  # it has just ended
            turn.close(interrupted)
            interrupted = turn.talks.get(interrupted.interrupted)
        if interrupted is not None and interrupted.asking:
            turn.person.current = interrupted.number
            await self.show(turn, *said, _("Let us go on:"))
            return
        if said:
            turn.out.append(Outgoing(paragraphs(said), tuple(offers or ())))
        elif offers and turn.out and not turn.out[-1].buttons and turn.out[-1].ready is None:
            turn.out[-1] = replace(turn.out[-1], buttons=tuple(offers))  # under the document that says it all
        await self.home(turn, offers or [])

    async def home(self, turn: TurnContext, offers: list[Button]) -> None:
        """Nothing is open now: the menu listens, with the offered ways onward as its lines."""
        state = next((s for s in turn.talks.values() if s.name == "menu"), None)
        if state is None:
            turn.person.talks += 1
            state = turn.talks[turn.person.talks] = State("menu", turn.person.talks)
        turn.person.current = state.number
        state.asking, state.open, state.misreads, state.offers, state.touched = "what", "", 0, [], turn.now
        if not offers and turn.out:
            offers = [Button(_("Menu"), "/menu")]
            last = turn.out[-1]
            turn.out[-1] = replace(last, buttons=(*last.buttons, *offers))
        if not turn.out:
            await self.run(turn, state, None)
        else:
            self.shows(turn, offers)

    def shows(self, turn: TurnContext, buttons: Sequence[Button]) -> None:
        """Remember the side screen the person saw last, so that its lines can be typed as well as tapped."""
        state = turn.current
        if state is not None:
            state.shown = [button.carries for button in buttons]
            state.aside = {
                understand.folded(tongue.say(b.label)): b.carries for b in buttons for tongue in self.languages.values()
            }
            turn.touched.add(state.number)


async def _play(flow: Flow, talk: Talk, db: Db, programme: Programme, run: Run) -> bool:
    """Whether the flow came to its end; RuntimeError if it went on after a question."""
    try:
        await flow(talk, db, programme)
    except Asked:
        return False
    if run.stopped:
        raise RuntimeError(f"{run.state.name}: went on after its question, or swallowed the pause")
    return True


def merged(out: list[Outgoing]) -> list[Outgoing]:
    """The messages of a turn, plain words joined to what follows: one message where one is enough."""
    joined: list[Outgoing] = []
    for message in out:
        last = joined[-1] if joined else None
        files = [one for one in (last, message) if one is not None and (one.enclosure or one.file or one.ready)]
        if last is not None and not last.buttons and not files:
            joined[-1] = replace(message, text=paragraphs([last.text, message.text]))
        else:
            joined.append(message)
    return joined
