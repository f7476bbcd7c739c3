"""The re-run rule, in one place: a conversation is a function run from the top at every turn, with the answers so far.

`await talk.ask(name, question)` returns the kept answer, or asks and ends the turn. So branching is `if`, the
code may change under a live conversation, and a restart between two turns changes nothing: only answers are kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from hashlib import blake2b
from json import dumps
from typing import Any, cast

from handlers.talk.answer import KEEP_LABEL, held_offers, read_answer
from handlers.talk.confirm import confirms
from handlers.talk.message import Button, Enclosed, Enclosure, File, Json, Outgoing, Person
from handlers.talk.press import DONE, KEEP, SKIP, carried
from handlers.talk.question import Misread, Option, PartialAnswer, Question, Redirect, Reply, Stale
from handlers.talk.state import State, T
from handlers.talk.words import Joined, Language, Text, Verbatim, _, lines, paragraphs

EXAMPLE_AFTER, PERSON_AFTER = 2, 3  # misreads of one question


class Asked(BaseException):
    """The pause: a question was put and the turn is over. A BaseException, so that no flow can swallow it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer on the trail: its name, its question, its value."""

    name: str
    question: Question[Any]
    value: Any

    def line(self, longest: int = 140) -> Text:
        """ "Title: value", long values cut."""
        return _("{title}: {answer}", title=self.question.name, answer=_Cut(self.question.show(self.value), longest))


@dataclass(frozen=True, slots=True, eq=False)
class _Cut(Text):
    text: Text
    longest: int

    def into(self, tongue: Language) -> str:
        said = tongue.say(self.text)
        return said if len(said) <= self.longest else tongue.isolate(said[: self.longest].strip("\u2068\u2069 ") + "…")


class Run:
    """One run of one conversation: what it was told, what it said, how far it came."""

    def __init__(self, state: State, heard: Reply | None) -> None:
        self.state = state
        self.heard = heard
        self.trail: list[Answered] = []
        self.seen: set[str] = set()
        self.notes: list[Text] = []  # about the message just read: said first, whatever follows
        self.said: list[Text] = []  # since the newest kept answer
        self.out: list[Outgoing] = []
        self.offers: list[tuple[Text, str]] = []
        self.next = ""
        self.stays = False  # ends its deed, keeps listening
        self.discard: list[str] = []  # files to remove once the turn is kept
        self.about: set[int] = set()  # others whom this tells of
        self.enclosed: list[Enclosed] = []  # documents for others
        self.fresh: set[str] = set()  # answered in this very run
        self.heading: Text | None = None
        self.misread: Misread | None = None
        self.taken = False  # the message became an answer, or part of one
        self.stopped = False


class Talk:
    """A conversation, as its flow sees it."""

    def __init__(
        self,
        run: Run,
        person: Person,
        languages: Mapping[str, Language],
        now: datetime,
        zone: tzinfo,
        drafts: Mapping[str, tuple[str, Text]] | None = None,
        prefix: str = "",
    ) -> None:
        self._run = run
        self.person = person
        self.languages = languages
        self.now = now  # UTC, the same for the whole run
        self.zone = zone
        self.drafts = (
            drafts or {}
        )  # the person's other half-done conversations: the command that continues each, and its label
        self._prefix = prefix

    @property
    def argument(self) -> str:
        """What the conversation was opened with: `/services hosting` -> "hosting"."""
        return self._run.state.argument

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def under(self, prefix: str) -> Talk:
        """The same talk for a part of it, whose answers are named `prefix.name`."""
        return type(self)(
            self._run, self.person, self.languages, self.now, self.zone, self.drafts, f"{self._prefix}{prefix}."
        )

    def say(self, *texts: Text) -> None:
        """Tell the person something; it goes out in one message with the question that follows."""
        self._run.said.extend(texts)

    def heading(self, text: Text | None) -> None:
        """A line over each question from now on, such as "Step 2 of 5"."""
        self._run.heading = text

    def send(self, name: str, kind: str, content: bytes, caption: Text) -> None:
        """Send a document of ours, in a message of its own."""
        self._run.out.append(Outgoing(caption, enclosure=Enclosure(name, kind, content)))

    def enclose(self, *documents: Enclosed) -> None:
        """Keep documents of ours for others, which go with what they are told."""
        self._run.enclosed.extend(documents)

    def forward(self, file: File, caption: Text) -> None:
        """Send a document that somebody else sent us, in a message of its own."""
        self._run.out.append(Outgoing(caption, file=file))

    def show(self, body: dict[str, Any]) -> None:
        """Show a message that was written for others, as it will come to them."""
        self._run.out.append(Outgoing(Verbatim(""), ready=body))

    def about(self, *people: int | None) -> None:
        """Note that this turn tells of others: when one is erased, so is what it says."""
        self._run.about.update(person for person in people if person)

    def discard(self, files: Iterable[str]) -> None:
        """Remove documents from disk, once this turn is kept."""
        self._run.discard.extend(files)

    def stay(self) -> None:
        """Keep listening to the last question after this run's deed, without putting it aloud again."""
        self._run.stays = True

    def offer(self, label: Text, command: str) -> None:
        """A way onward, shown as a button when the conversation ends."""
        self._run.offers.append((label, command))

    def go(self, command: str) -> None:
        """Continue with another conversation as soon as this one ends, e.g. "/application"."""
        self._run.next = command

    def just(self, name: str) -> bool:
        """Whether this answer was given in this very turn: what is done for it is done once."""
        return self._prefix + name in self._run.fresh

    def answered(self) -> list[Answered]:
        """The answers given so far, in order, without the mere steps on the way."""
        return [row for row in self._run.trail if not row.question.passing]

    async def once(self, name: str, make: Callable[[], Awaitable[T]]) -> T:
        """A value made on the first run and kept: a code, a price, a time. It must be JSON."""
        answers, key = self._run.state.answers, f"~{self._prefix}{name}"
        if key not in answers:
            answers[key] = cast(Json, await make())
        return cast(T, answers[key])

    async def ask(self, name: str, question: Question[T], *, known: Json = None) -> T:
        """The answer, if it is kept and its question still accepts it; else ask, and end the turn.

        `known` is an answer from elsewhere (an earlier application), offered to be kept with one tap.
        RuntimeError if the flow asks one name twice, or asks on after a question.
        """
        run, state, key = self._run, self._run.state, self._prefix + name
        if run.stopped or key in run.seen:
            raise RuntimeError(f"{state.name}: {key!r} is asked twice in one run, or after an open question")
        run.seen.add(key)
        if key in state.answers:
            try:
                value = question.load(state.answers[key])
            except Stale as stale:
                state.retracted[key] = state.answers.pop(key)
                if stale.why:
                    run.notes.append(stale.why)
            else:
                return self._kept(key, question, value)
        before = state.retracted.get(key, known)
        if run.heard is not None and key == state.asking:
            heard, run.heard = run.heard, None
            try:
                value = read_answer(question, heard, state, before)
            except Misread as why:
                run.misread = why
                state.misreads += 1
                state.offers = held_offers(why, heard)
            except Redirect as onward:
                run.next = onward.command
                run.stopped = True
                raise Asked from None
            except PartialAnswer as more:
                run.taken = True
                state.misreads, state.picked = 0, more.picked
                self._pause(key, question, before, more.note)
            else:
                run.taken = True
                run.fresh.add(key)
                state.answers[key] = question.keep(value)
                state.misreads, state.picked, state.offers = 0, [], []
                state.retracted.pop(key, None)
                if question.echo is not None and value is not None:
                    run.notes.append(question.echo(value))
                return self._kept(key, question, value)
        elif key != state.asking:
            state.misreads, state.picked, state.offers = 0, [], []
        self._pause(key, question, before)
        raise AssertionError("unreachable")

    async def review(self, name: str, prompt: Text, send: Text) -> None:
        """Show every answer so far and wait for "send"; after an edit it asks again."""
        rows = self.answered()
        kept = [row.question.keep(row.value) for row in rows]
        mark = blake2b(dumps(kept).encode(), digest_size=9).hexdigest()
        options = (Option("send", send), Option("/edit", _("Edit an answer")))

        def read(heard: Reply) -> str:
            named = [tongue.say(send) for tongue in heard.languages.values()]
            if heard.value == "send" or heard.intent in ("confirm", "yes") or confirms(heard.text, named):
                return mark
            raise Misread(_("Press the button to send, or “Edit an answer” to change something."))

        def load(kept: Json) -> str:
            if kept != mark:
                raise Stale
            return mark

        shown = paragraphs([prompt, lines(row.line() for row in rows if row.value is not None)])
        await self.ask(name, Question(shown, read, load, str, lambda _mark: send, options, title=prompt))

    def _kept(self, key: str, question: Question[T], value: T) -> T:
        self._run.trail.append(Answered(key, question, value))
        self._run.said.clear()  # whatever was said before this answer has been seen
        return value

    def _pause(self, key: str, question: Question[Any], before: Json, more: Text | None = None) -> None:
        run, state = self._run, self._run.state
        again = key == state.asking and bool(run.misread or run.notes)  # the person has just read it
        state.asking, state.open = key, question.open
        run.stopped = True
        run.out.append(_put(run, question, before, more, again))
        raise Asked


def _put(run: Run, question: Question[Any], before: Json, more: Text | None, again: bool) -> Outgoing:
    """The question as a message, with its buttons; `state.shown` keeps what they stood for."""
    state, misread = run.state, run.misread
    texts: list[Text] = [*run.notes]
    buttons: list[Button] = []
    if misread is not None:
        texts.append(misread.hint)
        if question.example is not None and state.misreads >= EXAMPLE_AFTER and not misread.offers:
            texts.append(_("For example: {example}", example=question.example))
        if state.misreads >= PERSON_AFTER:
            texts.append(_("If this is difficult, a person of our team can help you."))
    if misread is not None and misread.offers:
        buttons += [_button(state, offer.label, f"#{at}") for at, offer in enumerate(misread.offers)]
    elif more is not None or state.picked:
        so_far = more if more is not None else _show(question, cast(Json, state.picked))
        texts += [so_far] if so_far is not None else []
        buttons += [_button(state, o.label, o.value) for o in question.options if o.value not in state.picked]
        if question.done is not None and question.done(state.picked):
            buttons.append(_button(state, _("Done"), DONE))
    else:
        prompt = question.brief if again and question.brief is not None else question.prompt
        texts += [] if again else run.said
        buttons += [_button(state, o.label, o.value) for o in question.options]
        if before is not None and (kept := _show(question, before)) is not None:
            prompt = Joined((prompt, _("Your answer so far: {answer}", answer=_Cut(kept, 300))))
            buttons.append(_button(state, KEEP_LABEL, KEEP))
        texts.append(prompt if run.heading is None else Joined((run.heading, prompt)))
    state.shown, state.aside = [button.carries.partition("=")[2] or button.carries for button in buttons], {}
    if question.optional:
        buttons.append(_button(state, _("Later") if question.later else _("Skip"), SKIP, aside=True))
    if run.trail:
        buttons.append(Button(_("Back"), "/back", aside=True))
    if state.misreads >= PERSON_AFTER:
        buttons.append(Button(_("Talk to the team"), "/human", aside=True))
    return Outgoing(paragraphs(texts), tuple(buttons), wants_contact=question.wants_contact)


def _button(state: State, label: Text, value: str, *, aside: bool = False) -> Button:
    return Button(label, value if value.startswith("/") else carried(state.number, state.asking, value), aside)


def _show(question: Question[Any], kept: Json) -> Text | None:
    try:
        return question.show(question.load(kept))
    except Stale:
        return None
