"""Which conversation a message belongs to: a pressed button, a command, the open question, a word that always works,
a question of the FAQ; and what happens to the talk that was open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from handlers.applications.words import TEAM
from handlers.contents import Entry, Flow, by_topic
from handlers.information import search as answers
from handlers.programme.model import Programme
from handlers.talk import understand
from handlers.talk.message import Button, Enclosed, Incoming, Outgoing, Person, number_in
from handlers.talk.question import Reply
from handlers.talk.talk import EDIT, Asked, Run, State, Talk, carried, uncarried
from handlers.talk.words import Language, Text, _, lines, paragraphs
from storage import Conflict, outbox
from storage.database import Db

DOUBLE_TAP = timedelta(seconds=5)
TRIES = 3  # runs of a flow that somebody else was faster than
_MOVES = {"back", "skip", "edit", "cancel", "restart", "again"}
_GREETINGS = {"greeting", "thanks", "bye"}
_IN_TEXT = _MOVES - {"skip"} | {"menu", "help", "human", "my_data", "stop", "news_on", "lang_fr", "lang_ar", "lang_en"}
_WHILE_LISTENING = {"menu", "cancel", "stop"}


class Alone(BaseException):
    """A conversation touched the database inside a group of turns: it must run again, in a transaction of its own."""


class Untouched:
    """The database, as a turn inside a group sees it: the first touch takes the turn out of the group."""

    def __getattr__(self, name: str) -> Any:
        raise Alone


UNTOUCHED = cast(Db, Untouched())


@dataclass(slots=True)
class TurnContext:
    """One turn of one person: who they are, what they have open, what we say."""

    person: Person
    talks: dict[int, State]
    incoming: Incoming
    now: datetime
    db: Db = UNTOUCHED
    out: list[Outgoing] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)
    discard: list[str] = field(default_factory=list)
    about: set[int] = field(default_factory=set)  # others whom this turn tells of
    enclosed: list[Enclosed] = field(default_factory=list)  # documents for others
    taken: bool = False  # the message became an answer, or part of one

    @property
    def front(self) -> State | None:
        return self.talks.get(self.person.front)

    def close(self, state: State) -> None:
        self.talks.pop(state.number, None)
        self.touched.discard(state.number)
        self.closed.add(state.number)


class Route:
    """The way of a message through the conversations. It keeps nothing between turns."""

    def __init__(self, entries: Mapping[str, Entry], programme: Programme, languages: Mapping[str, Language]) -> None:
        self.entries = entries
        self.programme = programme
        self.languages = languages
        self.topics = by_topic(entries)

    async def answer(self, visit: TurnContext) -> None:
        """Let the message do what it does; what we say is in `visit.out`."""
        await self._answer(visit)
        visit.out = merged(visit.out)

    async def _answer(self, visit: TurnContext) -> None:
        incoming, person = visit.incoming, visit.person
        if incoming.reply_to and incoming.kind == "text" and await self._replied(visit):
            return
        if incoming.kind == "text" and (code := understand.link_code(incoming.text)):
            incoming = visit.incoming = replace(incoming, text=f"/link {code}")
        if not person.language and not (visit.front and visit.front.name == "start"):
            await self._first(visit)
        elif incoming.kind == "press":
            await self._press(visit, incoming.press)
        elif incoming.kind in ("text", "contact", "file"):
            if incoming.text.startswith("/") and incoming.kind == "text":
                await self._command(visit, incoming.text)
            else:
                await self._hear(visit)
        else:
            await self._show(visit, _CANNOT.get(incoming.kind, _CANNOT["other"]))

    # first contact --------------------------------------------------------------------------------------------------

    async def _first(self, visit: TurnContext) -> None:
        """Whatever somebody new writes, they are welcomed first; what they came for follows."""
        said = visit.incoming.text or visit.incoming.press
        if said.startswith("/"):
            wanted = self._link(said)
            if wanted.startswith("/link "):  # they are known already, elsewhere
                await self._command(visit, wanted)
                return
        else:
            meant = understand.intent(said) or understand.wish(said) or ""
            wanted = f"/{self.topics[meant]}" if meant in self.topics else ""
            if not wanted and (
                found := answers.about(self.programme, meant) or next(iter(answers.find(self.programme, said)), None)
            ):
                wanted = found.command if found.score >= answers.SURE else ""
        await self._open(visit, "start", wanted if wanted not in ("/start", "/menu", "/help") else "")

    def _link(self, command: str) -> str:
        """What a command or a deep link opens: `/start apply`, `/start my-programme`; "" for the plain start."""
        name, argument = _split(command)
        if name == "start":
            name, _dash, argument = (
                argument.partition("-") if argument.partition("-")[0] in self.entries else (argument, "", "")
            )
        return f"/{name} {argument}".strip() if name in self.entries and name != "start" else ""

    async def _replied(self, visit: TurnContext) -> bool:
        """Somebody replies to a message in the platform's own way: a colleague to a founder's words, which answers the founder;
        anybody to an announcement, or to the team's answer, which reaches the team."""
        purpose = await outbox.purpose_of(visit.db, visit.incoming.channel, visit.incoming.reply_to) or ""
        kind, _colon, rest = purpose.partition(":")
        if kind == "handoff" and not visit.person.roles.isdisjoint(TEAM):
            await self._open(visit, "answer", rest.partition(":")[0])
        elif kind == "broadcast" and understand.intent(visit.incoming.text) == "stop":
            await self._open(visit, "stop")
            return True
        elif kind in ("broadcast", "answer") and understand.intent(visit.incoming.text) is None:
            await self._open(visit, "human")
        else:
            return False
        state = visit.front
        if state is not None and state.name in ("answer", "human") and state.asking:
            visit.out.clear()
            await self._told(visit, state, "")
        return True

    # the three ways to be addressed ---------------------------------------------------------------------------------

    async def _command(self, visit: TurnContext, text: str) -> None:
        """`/name argument`."""
        name, argument = _split(text)
        front = visit.front
        if name == "start":
            if wanted := self._link(text):
                await self._command(visit, wanted)
            elif front is not None and front.asking and front.name != "menu":
                await self._show(visit, _("Welcome back! Let us go on where you stopped."))
            else:
                await self._open(visit, "menu")
        elif name in _MOVES:
            await self._move(visit, name)
        elif name == "resume":
            await self._resume(visit, argument)
        elif name == "drop":
            await self._drop(visit, argument)
        elif name in self.entries and self.entries[name].roles & visit.person.roles:
            await self._open(visit, name, argument)
        else:
            await self._show(visit, _("I do not know this command. Here is what we were at."))

    async def _press(self, visit: TurnContext, data: str) -> None:
        """A button: of the open question, of an older one, or of another talk."""
        if data.startswith("/"):
            await self._command(visit, data)
            return
        carried_ = uncarried(data)
        front = visit.front
        if carried_ is None:
            await self._show(visit, _("This button is not one of mine, or no longer is."))
            return
        number, question, value = carried_
        state = visit.talks.get(number)
        if state is None:
            await self._show(visit, _("This choice is from an earlier conversation and no longer counts."))
        elif state is not front:
            await self._elsewhere(visit, state)
        elif question == state.asking:
            await self._told(visit, state, value)
        elif question == EDIT or value.startswith(("~", "#")):
            await self._show(visit, _("This button belongs to an earlier message. Here is the question we are at."))
        elif value.startswith("!"):
            await self._change(visit, state, question, value[1:])
        else:
            await self._older(visit, state, question, value)

    async def _hear(self, visit: TurnContext) -> None:
        """Words, a file or a phone number: the open question reads them, unless they are words that always work."""
        state, said = visit.front, visit.incoming.text
        typed = visit.incoming.kind == "text"
        if state is not None and state.aside and typed and (pressed := self._aside(state, said)):
            await self._press(visit, pressed)
            return
        if state is None or not state.asking:
            await self._free(visit)
            return
        meant = understand.intent(said) if typed else None
        if state.open == "all" and meant in _WHILE_LISTENING:
            await self._word(visit, meant or "")
            return
        if state.open == "text" and typed:
            if meant in _IN_TEXT and not (meant.startswith("lang_") and len(understand.folded(said)) <= 3):
                await self._word(visit, meant)
                return
            if (
                understand.asks(said)
                and len(said) < 160
                and (found := answers.find(self.programme, said))
                and found[0].score >= answers.SURE
            ):
                await self._interrupted(visit, found[0], said)
                return
        if state.asking == EDIT and not understand.count(said):
            if meant not in (None, "back", "cancel", "no"):
                await self._word(visit, meant or "")
                return
            if meant is not None:
                await self._show(visit)
                return
        run = await self._told(visit, state, "")
        if run.misread is not None and typed and not state.offers:
            await self._misread(visit, state, meant, said)

    def _aside(self, state: State, said: str) -> str:
        """What a typed line of the side screen last shown stands for: its number, or its label in any language."""
        line = understand.count(said)
        if line is None and len(state.shown) == 2:  # a question of yes or no, whatever its buttons say
            line = {"yes": 1, "confirm": 1, "no": 2}.get(understand.intent(said) or "")
        if line is not None and 0 < line <= len(state.shown):
            return state.shown[line - 1]
        return state.aside.get(understand.folded(said), "")

    # the open question ----------------------------------------------------------------------------------------------

    async def _told(self, visit: TurnContext, state: State, value: str) -> Run:
        """Give a message to the question a talk is at."""
        if state.asking == EDIT:
            return await self._edit_chosen(visit, state, value)
        incoming = visit.incoming
        local = visit.now.astimezone(self.programme.zone)
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
        return await self._run(visit, state, heard)

    async def _misread(self, visit: TurnContext, state: State, meant: str | None, said: str) -> None:
        """The open question could not read it: perhaps it was not meant for it."""
        if meant is not None and meant.startswith("lang_") and len(understand.folded(said)) <= 3:
            meant = None
        meant = meant or understand.wish(said)
        known = meant in self.topics or meant in _MOVES or meant in _GREETINGS or (meant or "").startswith("lang_")
        if meant == "next" and state.name == "menu" and self._waiting(visit) is not None:
            visit.out.clear()
            await self._resume(visit, "")
            return
        found = [] if known else self._found(meant, said)
        if not known and not found:
            return  # the hint stands
        state.misreads -= 1
        visit.out.clear()
        if known:
            await self._word(visit, meant or "")
        elif found[0].score >= answers.SURE:
            await self._show(visit, *self._told_faq(found[0]), *([] if state.name == "menu" else [_("Let us go on:")]))
        else:
            await self._guess(visit, found)

    def _found(self, meant: str | None, said: str) -> list[answers.Found]:
        """Answers of the programme: by a meaning the bot knows, or by their wording."""
        if meant and (found := answers.about(self.programme, meant)):
            return [found]
        return answers.find(self.programme, said)

    def _told_faq(self, found: answers.Found) -> list[Text]:
        return [found.ask, *found.answer]

    async def _free(self, visit: TurnContext) -> None:
        """Nothing is open: a word that always works, a question of the FAQ, or the menu."""
        said = visit.incoming.text
        if visit.incoming.kind == "file":
            visit.out.append(
                Outgoing(_("Thank you, but I did not ask for a document just now, so I have not kept it."))
            )
            await self._home(visit, [Button(_("Send a document"), "/track document"), Button(_("Menu"), "/menu")])
            return
        meant = understand.intent(said) or understand.wish(said)
        if meant in self.topics or meant in _GREETINGS or (meant or "").startswith("lang_"):
            await self._word(visit, meant or "")
            return
        found = self._found(meant, said)
        if found and found[0].score >= answers.SURE:
            visit.out.append(Outgoing(paragraphs(self._told_faq(found[0])), (Button(_("Menu"), "/menu"),)))
            await self._home(visit, [Button(_("Menu"), "/menu")])
        elif found:
            await self._guess(visit, found)
        else:
            await self._open(visit, "menu", note=self.programme.say(self.programme.texts.fallback))

    async def _guess(self, visit: TurnContext, found: list[answers.Found]) -> None:
        """ "Did you mean": the nearest questions as buttons; the open question stays open behind them."""
        buttons = [Button(one.label, one.command) for one in found]
        state = visit.front
        if state is not None and state.asking and state.name != "menu":
            buttons.append(Button(_("Continue"), "/resume"))
        visit.out.append(
            Outgoing(
                _("Did you mean one of these questions?"),
                (*buttons, Button(_("Talk to the team"), "/human", aside=True)),
            )
        )
        self._shows(visit, buttons)

    async def _interrupted(self, visit: TurnContext, found: answers.Found, said: str) -> None:
        """A question in the middle of a text answer: answered, and the text can still be taken as the answer."""
        state = visit.front
        assert state is not None
        await self._show(visit, *self._told_faq(found), _("Let us go on:"))
        if state.asking and visit.out:
            state.offers = [said]
            last = visit.out[-1]
            keep = Button(_("That was my answer"), carried(state.number, state.asking, "#0"))
            visit.out[-1] = replace(last, buttons=(keep, *last.buttons))

    # words that always work -----------------------------------------------------------------------------------------

    async def _word(self, visit: TurnContext, meant: str) -> None:
        if meant in _MOVES:
            await self._move(visit, meant)
        elif meant.startswith("lang_"):
            await self._language(visit, meant.removeprefix("lang_"))
        elif meant == "greeting":
            await self._show(visit, _("Hello! It is good to see you."))
        elif meant == "thanks":
            await self._show(visit, _("With pleasure!"))
        elif meant == "bye":
            visit.out.append(Outgoing(_("Goodbye, and good luck with your project! What you told me is kept.")))
        elif meant == "stop" and visit.front is not None and visit.front.asking and visit.front.name != "menu":
            await self._stop_what(visit)
        else:
            await self._open(visit, self.topics[meant])

    async def _language(self, visit: TurnContext, code: str) -> None:
        if code not in self.languages:
            await self._show(visit, _("I speak Arabic, French and English for now."))
            return
        visit.person.language = code
        await self._show(visit, _("From now on I write in English."))

    async def _stop_what(self, visit: TurnContext) -> None:
        buttons = (
            Button(_("Leave this form"), "/cancel"),
            Button(_("Stop announcements"), "/stop"),
            Button(_("Continue"), "/resume"),
        )
        visit.out.append(Outgoing(_("What would you like to stop?"), buttons))
        self._shows(visit, buttons)

    async def _move(self, visit: TurnContext, move: str) -> None:
        """back, skip, edit, cancel, restart: about the talk in front."""
        state = visit.front
        if state is None or not state.asking or state.name == "menu":
            await self._open(visit, "menu")
        elif move == "skip":
            await self._told(visit, state, "~skip")
        elif move == "back":
            await self._back(visit, state)
        elif move == "edit":
            await self._edit(visit, state)
        elif move == "cancel":
            await self._cancel(visit, state)
        elif move == "restart" and state.answers and self.entries[state.name].resume is not None:
            buttons = (Button(_("Start over"), "/again"), Button(_("Continue"), "/resume"))
            visit.out.append(
                Outgoing(_("Start over from the beginning? The answers you gave here would be deleted."), buttons)
            )
            self._shows(visit, buttons)
        else:
            visit.close(state)
            await self._open(visit, state.name, state.argument, under=state.under)

    async def _back(self, visit: TurnContext, state: State) -> None:
        trail = (await self._dry(visit, state)).trail
        if state.asking == EDIT or not trail:
            await self._show(visit, None if trail else _("This is the first question."))
            return
        state.was[trail[-1].name] = state.answers.pop(trail[-1].name)
        await self._show(visit)

    async def _edit(self, visit: TurnContext, state: State) -> None:
        trail = [row for row in (await self._dry(visit, state)).trail if not row.question.passing]
        if not trail:
            await self._show(visit, _("There is no answer to change yet."))
            return
        numbered = [_("{n}. {line}", n=n, line=row.line(60)) for n, row in enumerate(trail, 1)]
        buttons = tuple(Button(row.question.name, carried(state.number, EDIT, row.name)) for row in trail)
        visit.out.append(
            Outgoing(
                paragraphs([_("Which answer would you like to change?"), lines(numbered)]),
                (*buttons, Button(_("Continue"), "/resume", aside=True)),
            )
        )
        state.asking, state.open = EDIT, ""
        state.shown = [row.name for row in trail]
        visit.touched.add(state.number)

    async def _edit_chosen(self, visit: TurnContext, state: State, value: str) -> Run:
        line = understand.count(visit.incoming.text)
        name = value or (state.shown[line - 1] if line and line <= len(state.shown) else "")
        if name in state.answers:
            state.was[name] = state.answers.pop(name)
        return await self._show(visit)

    async def _cancel(self, visit: TurnContext, state: State) -> None:
        if state.name == "human" and visit.person.handoff:
            await self._open(visit, "end")
            return
        if self.entries[state.name].resume is None:
            visit.close(state)
            await self._after(visit, state, [])
            return
        buttons = (
            Button(_("Continue"), "/resume"),
            Button(_("Keep it for later"), "/menu"),
            Button(_("Delete my answers"), f"/drop {state.number}"),
        )
        visit.out.append(Outgoing(_("Everything you answered is saved. What would you like to do?"), buttons))
        self._shows(visit, buttons)

    async def _resume(self, visit: TurnContext, argument: str) -> None:
        state = visit.talks.get(number_in(argument)) if number_in(argument) else self._waiting(visit)
        if state is None:
            await self._open(visit, "menu")
            return
        visit.person.front = state.number
        await self._show(visit)

    def _waiting(self, visit: TurnContext) -> State | None:
        """The talk to go on with: the one in front, else the newest half-done one."""
        front = visit.front
        if front is not None and front.asking and front.name not in ("menu", "human"):
            return front
        half = [
            state for state in visit.talks.values() if state.asking and (e := self.entries.get(state.name)) and e.resume
        ]
        return max(half, key=lambda state: state.touched or visit.now, default=None)

    async def _drop(self, visit: TurnContext, argument: str) -> None:
        state = visit.talks.get(number_in(argument))
        if state is not None:
            visit.close(state)
        await self._open(visit, "menu", note=_("Deleted: nothing of it is kept.") if state else None)

    # old buttons ----------------------------------------------------------------------------------------------------

    async def _elsewhere(self, visit: TurnContext, state: State) -> None:
        """A button of a talk that waits while another is in front."""
        entry = self.entries.get(state.name)
        title = entry.title if entry else _("an earlier conversation")
        buttons = (Button(_("Go on with that"), f"/resume {state.number}"), Button(_("Continue here"), "/resume"))
        visit.out.append(
            Outgoing(_("This button belongs to “{title}”, which is waiting half-way.", title=title), buttons)
        )
        self._shows(visit, buttons)

    async def _older(self, visit: TurnContext, state: State, question: str, value: str) -> None:
        """A button of a question that was answered since: a double tap does nothing, another answer is offered as a change."""
        row = next((row for row in (await self._dry(visit, state)).trail if row.name == question), None)
        if row is None:
            await self._show(visit, _("This button belongs to an earlier message. Here is the question we are at."))
            return
        if row.question.keep(row.value) in (value, value == "yes"):
            if state.touched is None or visit.now - state.touched > DOUBLE_TAP:
                await self._show(visit, _("You have already answered that. Here is the question we are at."))
            return
        label = next((option.label for option in row.question.options if option.value == value), None)
        if label is None:
            await self._show(visit, _("This choice is no longer offered. Here is the question we are at."))
            return
        said = _(
            "You answered “{before}” to this question. Change it to “{after}”?",
            before=row.question.show(row.value),
            after=label,
        )
        buttons = (
            Button(_("Yes, change it"), carried(state.number, question, f"!{value}")),
            Button(_("No, continue"), "/resume"),
        )
        visit.out.append(Outgoing(said, buttons))
        self._shows(visit, buttons)

    async def _change(self, visit: TurnContext, state: State, question: str, value: str) -> None:
        """The change of an earlier answer, confirmed: its own question reads the new value."""
        if question not in state.answers:
            await self._show(visit)
            return
        before = state.answers.pop(question)
        state.asking, state.picked = question, []
        run = await self._run(
            visit,
            state,
            Reply("", value, None, "", False, visit.now.astimezone(self.programme.zone), [], self.languages),
        )
        if not run.taken:
            state.answers[question] = before

    # running --------------------------------------------------------------------------------------------------------

    async def _open(
        self, visit: TurnContext, name: str, argument: str = "", *, note: Text | None = None, under: int = 0
    ) -> None:
        """Begin a conversation, or go on with it where it was left."""
        entry, front = self.entries[name], visit.front
        if not visit.person.language and name != "start" and front is not None and front.name == "start":
            front.argument = f"/{name} {argument}".strip()  # the language comes first; this follows
            await self._show(visit)
            return
        state = next((s for s in visit.talks.values() if s.name == name), None)
        if state is not None and ((entry.resume is None and name not in ("menu", "human")) or argument):
            visit.close(state)
            under = under or state.under
            state = None
        if state is None:
            visit.person.talks += 1
            state = State(name, visit.person.talks, argument=argument, under=under)
            visit.talks[state.number] = state
        elif state.asking == EDIT:
            state.asking = ""
        interrupted = (
            front is not None
            and front.number != state.number
            and front.asking
            and front.name != "menu"
            and front.number in visit.talks
        )
        chosen = (
            front is not None and not front.aside and f"/{name} {argument}".strip() in front.shown
        )  # a line of its list led here
        if front is not None and interrupted and not chosen and (entry.brief or name == "human"):
            state.under = front.under if self.entries[front.name].brief else front.number
        visit.person.front = state.number
        if name == "menu":
            state.answers, state.misreads = {}, 0
        elif entry.resume is not None and state.answers and state.asking:
            note = note or _("Welcome back! I kept your answers.")
        await self._run(visit, state, None, note)

    async def _show(self, visit: TurnContext, *notes: Text | None) -> Run:
        """Put the open question again, after the notes; the menu if nothing is open."""
        state = visit.front
        said = [note for note in notes if note is not None]
        if state is None or not self.entries.get(state.name):
            await self._open(visit, "menu", note=paragraphs(said) if said else None)
            return Run(State("menu", 0), None)
        return await self._run(visit, state, None, *said)

    async def _dry(self, visit: TurnContext, state: State) -> Run:
        """A run that only looks: the answers so far, in order; nothing is said."""
        asking, misreads, shown = state.asking, state.misreads, state.shown
        run = Run(state, None)
        await self._flow(visit, state, run)
        state.asking, state.misreads, state.shown = asking, misreads, shown
        return run

    async def _run(self, visit: TurnContext, state: State, heard: Reply | None, *notes: Text | None) -> Run:
        entry = self.entries.get(state.name)
        if entry is not None and not entry.roles & visit.person.roles:  # the role was taken away since it was opened
            visit.close(state)
            await self._open(visit, "menu", note=_("Your role no longer allows this, so nothing was done."))
            return Run(State("menu", 0), None)
        visit.touched.add(state.number)
        if heard is None:
            state.offers = []
        for last_try in (*[False] * (TRIES - 1), True):
            run = Run(state, heard)
            run.notes.extend(note for note in notes if note is not None)
            try:
                ended = await self._flow(visit, state, run)
                break
            except Conflict:  # somebody was first: the answers stand, the world is looked at again
                heard = None
                if last_try:
                    raise
        visit.taken |= run.taken
        visit.discard += run.discard
        visit.about |= run.about
        visit.enclosed += run.enclosed
        if run.next and not ended:  # the message went onward: the question stays open behind it
            await self._command(visit, run.next)
            return run
        visit.out += run.out
        if ended:
            await self._ended(visit, state, run)
        state.touched = visit.now
        return run

    async def _flow(self, visit: TurnContext, state: State, run: Run) -> bool:
        """Whether the conversation came to its end."""
        drafts = {
            other.name: (f"/resume {other.number}", label)
            for other in visit.talks.values()
            if other is not state
            and other.asking
            and other.name in self.entries
            and (label := self.entries[other.name].resume)
        }
        talk = Talk(run, visit.person, self.languages, visit.now, self.programme.zone, drafts)
        flow = self.entries[state.name].flow
        if visit.db is UNTOUCHED:
            return await _play(flow, talk, visit.db, self.programme, run)
        savepoint = await visit.db.begin_nested()  # whatever is written before a question is undone
        try:
            ended = await _play(flow, talk, visit.db, self.programme, run)
        except BaseException:
            await savepoint.rollback()
            raise
        await (savepoint.commit() if ended else savepoint.rollback())
        return ended

    async def _ended(self, visit: TurnContext, state: State, run: Run) -> None:
        """A conversation is over: say what it said, then go on where the person was."""
        if run.stays:
            state.answers, state.misreads = {}, 0
            if run.said:
                buttons = tuple(Button(label, command) for label, command in run.offers)
                visit.out.append(Outgoing(paragraphs([*run.notes, *run.said]), buttons))
            return
        visit.close(state)
        if visit.person.erased:
            visit.out.append(Outgoing(paragraphs(run.said)))
            return
        said = [*run.notes, *run.said]
        if run.next:
            if said:
                visit.out.append(Outgoing(paragraphs(said)))
            await self._command(visit, run.next)
            return
        await self._after(visit, state, said, [Button(label, command) for label, command in run.offers])

    async def _after(
        self, visit: TurnContext, state: State, said: list[Text], offers: list[Button] | None = None
    ) -> None:
        """After a conversation: the question it interrupted, or its ways onward."""
        under = visit.talks.get(state.under) if not visit.person.linked else None  # the talks of two are being made one
        if under is not None and under.name == "human" and not visit.person.handoff:  # the exchange is what just ended
            visit.close(under)
            under = visit.talks.get(under.under)
        if under is not None and under.asking:
            visit.person.front = under.number
            await self._show(visit, *said, _("Let us go on:"))
            return
        if said:
            visit.out.append(Outgoing(paragraphs(said), tuple(offers or ())))
        elif offers and visit.out and not visit.out[-1].buttons and visit.out[-1].ready is None:
            visit.out[-1] = replace(visit.out[-1], buttons=tuple(offers))  # under the document that says it all
        await self._home(visit, offers or [])

    async def _home(self, visit: TurnContext, offers: list[Button]) -> None:
        """Nothing is open now: the menu listens, with the offered ways onward as its lines."""
        state = next((s for s in visit.talks.values() if s.name == "menu"), None)
        if state is None:
            visit.person.talks += 1
            state = visit.talks[visit.person.talks] = State("menu", visit.person.talks)
        visit.person.front = state.number
        state.asking, state.open, state.misreads, state.offers, state.touched = "what", "", 0, [], visit.now
        if not offers and visit.out:
            offers = [Button(_("Menu"), "/menu")]
            last = visit.out[-1]
            visit.out[-1] = replace(last, buttons=(*last.buttons, *offers))
        if not visit.out:
            await self._run(visit, state, None)
        else:
            self._shows(visit, offers)

    def _shows(self, visit: TurnContext, buttons: Sequence[Button]) -> None:
        """Remember the side screen the person saw last, so that its lines can be typed as well as tapped."""
        state = visit.front
        if state is not None:
            state.shown = [button.carries for button in buttons]
            state.aside = {
                understand.folded(tongue.say(b.label)): b.carries for b in buttons for tongue in self.languages.values()
            }
            visit.touched.add(state.number)


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


_CANNOT: dict[str, Text] = {
    "voice": _("I cannot listen to voice messages yet. Please write your answer."),
    "sticker": _("A nice one! I only understand words, buttons and documents."),
    "card": _("This card is somebody else's. Please share your own number, or type it."),
    "place": _("I cannot use a location. Please write your answer."),
    "edited": _("I saw that you edited a message, but I only read new ones. To change an answer, write “edit”."),
    "other": _("I cannot read this kind of message. Please write, press a button, or send a photo or a document."),
}


def _split(command: str) -> tuple[str, str]:
    """`/Services@bot hosting 2` -> ("services", "hosting 2")."""
    name, _space, argument = command[1:].strip().partition(" ")
    return name.partition("@")[0].lower(), argument.strip()
