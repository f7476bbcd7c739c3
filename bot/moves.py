"""Moves within and between conversations: back, edit, cancel, resume, and buttons of earlier questions."""

from __future__ import annotations

from datetime import timedelta

from bot.runs import Runs
from bot.turn_context import TurnContext
from handlers.talk.message import Button, Outgoing, number_in
from handlers.talk.press import EDIT, carried
from handlers.talk.question import Reply
from handlers.talk.state import State
from handlers.talk.words import _, lines, paragraphs

DOUBLE_TAP = timedelta(seconds=5)


class Moves:
    """What a person does with the conversations they have open, rather than within one."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self.entries, self.programme, self.languages = runs.entries, runs.programme, runs.languages

    async def move(self, turn: TurnContext, move: str) -> None:
        """back, skip, edit, cancel, restart: about the talk in front."""
        state = turn.current
        if state is None or not state.asking or state.name == "menu":
            await self.runs.open(turn, "menu")
        elif move == "skip":
            await self.runs.told(turn, state, "~skip")
        elif move == "back":
            await self._back(turn, state)
        elif move == "edit":
            await self._edit(turn, state)
        elif move == "cancel":
            await self._cancel(turn, state)
        elif move == "restart" and state.answers and self.entries[state.name].resume is not None:
            buttons = (Button(_("Start over"), "/again"), Button(_("Continue"), "/resume"))
            turn.out.append(
                Outgoing(_("Start over from the beginning? The answers you gave here would be deleted."), buttons)
            )
            self.runs.shows(turn, buttons)
        else:
            turn.close(state)
            await self.runs.open(turn, state.name, state.argument, interrupted=state.interrupted)

    async def _back(self, turn: TurnContext, state: State) -> None:
        trail = (await self.runs.dry(turn, state)).trail
        if state.asking == EDIT or not trail:
            await self.runs.show(turn, None if trail else _("This is the first question."))
            return
        state.retracted[trail[-1].name] = state.answers.pop(trail[-1].name)
        await self.runs.show(turn)

    async def _edit(self, turn: TurnContext, state: State) -> None:
        trail = [row for row in (await self.runs.dry(turn, state)).trail if not row.question.passing]
        if not trail:
            await self.runs.show(turn, _("There is no answer to change yet."))
            return
        numbered = [_("{n}. {line}", n=n, line=row.line(60)) for n, row in enumerate(trail, 1)]
        buttons = tuple(Button(row.question.name, carried(state.number, EDIT, row.name)) for row in trail)
        turn.out.append(
            Outgoing(
                paragraphs([_("Which answer would you like to change?"), lines(numbered)]),
                (*buttons, Button(_("Continue"), "/resume", aside=True)),
            )
        )
        state.asking, state.open = EDIT, ""
        state.shown = [row.name for row in trail]
        turn.touched.add(state.number)

    async def _cancel(self, turn: TurnContext, state: State) -> None:
        if state.name == "human" and turn.person.exchange:
            await self.runs.open(turn, "end")
            return
        if self.entries[state.name].resume is None:
            turn.close(state)
            await self.runs.after(turn, state, [])
            return
        buttons = (
            Button(_("Continue"), "/resume"),
            Button(_("Keep it for later"), "/menu"),
            Button(_("Delete my answers"), f"/drop {state.number}"),
        )
        turn.out.append(Outgoing(_("Everything you answered is saved. What would you like to do?"), buttons))
        self.runs.shows(turn, buttons)

    async def resume(self, turn: TurnContext, argument: str) -> None:
        state = turn.talks.get(number_in(argument)) if number_in(argument) else self.waiting(turn)
        if state is None:
            await self.runs.open(turn, "menu")
            return
        turn.person.current = state.number
        await self.runs.show(turn)

    def waiting(self, turn: TurnContext) -> State | None:
        """The talk to go on with: the one in front, else the newest half-done one."""
        current = turn.current
        if current is not None and current.asking and current.name not in ("menu", "human"):
            return current
        half = [
            state for state in turn.talks.values() if state.asking and (e := self.entries.get(state.name)) and e.resume
        ]
        return max(half, key=lambda state: state.touched or turn.now, default=None)

    async def drop(self, turn: TurnContext, argument: str) -> None:
        state = turn.talks.get(number_in(argument))
        if state is not None:
            turn.close(state)
        await self.runs.open(turn, "menu", note=_("Deleted: nothing of it is kept.") if state else None)

    async def elsewhere(self, turn: TurnContext, state: State) -> None:
        """A button of a talk that waits while another is in front."""
        entry = self.entries.get(state.name)
        title = entry.title if entry else _("an earlier conversation")
        buttons = (Button(_("Go on with that"), f"/resume {state.number}"), Button(_("Continue here"), "/resume"))
        turn.out.append(
            Outgoing(_("This button belongs to “{title}”, which is waiting half-way.", title=title), buttons)
        )
        self.runs.shows(turn, buttons)

    async def older(self, turn: TurnContext, state: State, question: str, value: str) -> None:
        """A button of a question that was answered since: a double tap does nothing, another answer is offered as a change."""
        row = next((row for row in (await self.runs.dry(turn, state)).trail if row.name == question), None)
        if row is None:
            await self.runs.show(turn, _("This button belongs to an earlier message. Here is the question we are at."))
            return
        if row.question.keep(row.value) in (value, value == "yes"):
            if state.touched is None or turn.now - state.touched > DOUBLE_TAP:
                await self.runs.show(turn, _("You have already answered that. Here is the question we are at."))
            return
        label = next((option.label for option in row.question.options if option.value == value), None)
        if label is None:
            await self.runs.show(turn, _("This choice is no longer offered. Here is the question we are at."))
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
        turn.out.append(Outgoing(said, buttons))
        self.runs.shows(turn, buttons)

    async def change(self, turn: TurnContext, state: State, question: str, value: str) -> None:
        """The change of an earlier answer, confirmed: its own question reads the new value."""
        if question not in state.answers:
            await self.runs.show(turn)
            return
        before = state.answers.pop(question)
        state.asking, state.picked = question, []
        run = await self.runs.run(
            turn,
            state,
            Reply("", value, None, "", False, turn.now.astimezone(self.programme.zone), [], self.languages),
        )
        if not run.taken:
            state.answers[question] = before
