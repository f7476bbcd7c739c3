"""Which conversation a message belongs to: a pressed button, a command, the open question, a word that always works,
a question of the FAQ; and what happens to the talk that was open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.moves import Moves
from bot.runs import Runs, merged
from bot.turn_context import TurnContext
from handlers.contents import Entry, by_topic
from handlers.information import search as answers
from handlers.programme.model import Programme
from handlers.rights import Act, may
from handlers.talk import understand
from handlers.talk.message import Button, Outgoing
from handlers.talk.press import EDIT, carried, uncarried
from handlers.talk.state import State
from handlers.talk.words import Language, Text, _, paragraphs
from storage import outbox, purposes
from storage.purposes import Purpose

FURTHEST = 9  # commands that one message may lead to, one from the other
_MOVES = {"back", "skip", "edit", "cancel", "restart", "again"}
_GREETINGS = {"greeting", "thanks", "bye"}
_IN_TEXT = _MOVES - {"skip"} | {"menu", "help", "human", "my_data", "stop", "news_on", "lang_fr", "lang_ar", "lang_en"}
_WHILE_LISTENING = {"menu", "cancel", "stop"}


class Route:
    """The way of a message through the conversations. It keeps nothing between turns."""

    def __init__(self, entries: Mapping[str, Entry], programme: Programme, languages: Mapping[str, Language]) -> None:
        self.entries = entries
        self.programme = programme
        self.languages = languages
        self.topics = by_topic(entries)
        self.runs = Runs(entries, programme, languages)
        self.moves = Moves(self.runs)

    async def answer(self, turn: TurnContext) -> None:
        """Let the message do what it does; what we say is in `turn.out`. RuntimeError if it goes in a circle."""
        await self._answer(turn)
        for _step in range(FURTHEST):
            if not turn.onward:
                break
            command, turn.onward = turn.onward, ""
            await self._command(turn, command)
        else:
            raise RuntimeError(f"{turn.onward} leads in a circle")
        turn.out = merged(turn.out)

    async def _answer(self, turn: TurnContext) -> None:
        incoming, person = turn.incoming, turn.person
        if incoming.reply_to and incoming.kind == "text" and await self._replied(turn):
            return
        if incoming.kind == "text" and (code := understand.link_code(incoming.text)):
            incoming = turn.incoming = replace(incoming, text=f"/link {code}")
        if not person.language and not (turn.current and turn.current.name == "start"):
            await self._first(turn)
        elif incoming.kind == "press":
            await self._press(turn, incoming.press)
        elif incoming.kind in ("text", "contact", "file"):
            if incoming.text.startswith("/") and incoming.kind == "text":
                await self._command(turn, incoming.text)
            else:
                await self._hear(turn)
        else:
            await self.runs.show(turn, _CANNOT.get(incoming.kind, _CANNOT["other"]))

    # first contact --------------------------------------------------------------------------------------------------

    async def _first(self, turn: TurnContext) -> None:
        """Whatever somebody new writes, they are welcomed first; what they came for follows."""
        said = turn.incoming.text or turn.incoming.press
        if said.startswith("/"):
            wanted = self._link(said)
            if wanted.startswith("/link "):  # they are known already, elsewhere
                await self._command(turn, wanted)
                return
        else:
            meant = understand.intent(said) or understand.wish(said) or ""
            wanted = f"/{self.topics[meant]}" if meant in self.topics else ""
            if not wanted and (
                found := answers.about(self.programme, meant) or next(iter(answers.find(self.programme, said)), None)
            ):
                wanted = found.command if found.score >= answers.SURE else ""
        await self.runs.open(turn, "start", wanted if wanted not in ("/start", "/menu", "/help") else "")

    def _link(self, command: str) -> str:
        """What a command or a deep link opens: `/start apply`, `/start my-programme`; "" for the plain start."""
        name, argument = _split(command)
        if name == "start":
            name, _dash, argument = (
                argument.partition("-") if argument.partition("-")[0] in self.entries else (argument, "", "")
            )
        return f"/{name} {argument}".strip() if name in self.entries and name != "start" else ""

    async def _replied(self, turn: TurnContext) -> bool:
        """Somebody replies to a message in the platform's own way: a colleague to a founder's words, which answers the founder;
        anybody to an announcement, or to the team's answer, which reaches the team."""
        kind, id = purposes.read(await outbox.purpose_of(turn.db, turn.incoming.channel, turn.incoming.reply_to))
        if kind is Purpose.FOUNDER_WROTE and may(turn.person.roles, Act.ANSWER_FOUNDERS):
            await self.runs.open(turn, "answer", str(id))
        elif kind is Purpose.ANNOUNCEMENT and understand.intent(turn.incoming.text) == "stop":
            await self.runs.open(turn, "stop")
            return True
        elif kind in (Purpose.ANNOUNCEMENT, Purpose.TEAM_ANSWERED) and understand.intent(turn.incoming.text) is None:
            await self.runs.open(turn, "human")
        else:
            return False
        state = turn.current
        if state is not None and state.name in ("answer", "human") and state.asking:
            turn.out.clear()
            await self.runs.told(turn, state, "")
        return True

    # the three ways to be addressed ---------------------------------------------------------------------------------

    async def _command(self, turn: TurnContext, text: str) -> None:
        """`/name argument`."""
        name, argument = _split(text)
        current = turn.current
        if name == "start":
            if wanted := self._link(text):
                await self._command(turn, wanted)
            elif current is not None and current.asking and current.name != "menu":
                await self.runs.show(turn, _("Welcome back! Let us go on where you stopped."))
            else:
                await self.runs.open(turn, "menu")
        elif name in _MOVES:
            await self.moves.move(turn, name)
        elif name == "resume":
            await self.moves.resume(turn, argument)
        elif name == "drop":
            await self.moves.drop(turn, argument)
        elif name in self.entries and may(turn.person.roles, self.entries[name].act):
            await self.runs.open(turn, name, argument)
        else:
            await self.runs.show(turn, _("I do not know this command. Here is what we were at."))

    async def _press(self, turn: TurnContext, data: str) -> None:
        """A button: of the open question, of an older one, or of another talk."""
        if data.startswith("/"):
            await self._command(turn, data)
            return
        carried_ = uncarried(data)
        current = turn.current
        if carried_ is None:
            await self.runs.show(turn, _("This button is not one of mine, or no longer is."))
            return
        number, question, value = carried_
        state = turn.talks.get(number)
        if state is None:
            await self.runs.show(turn, _("This choice is from an earlier conversation and no longer counts."))
        elif state is not current:
            await self.moves.elsewhere(turn, state)
        elif question == state.asking:
            await self.runs.told(turn, state, value)
        elif question == EDIT or value.startswith(("~", "#")):
            await self.runs.show(turn, _("This button belongs to an earlier message. Here is the question we are at."))
        elif value.startswith("!"):
            await self.moves.change(turn, state, question, value[1:])
        else:
            await self.moves.older(turn, state, question, value)

    async def _hear(self, turn: TurnContext) -> None:
        """Words, a file or a phone number: the open question reads them, unless they are words that always work."""
        state, said = turn.current, turn.incoming.text
        typed = turn.incoming.kind == "text"
        if state is not None and state.aside and typed and (pressed := self._aside(state, said)):
            await self._press(turn, pressed)
            return
        if state is None or not state.asking:
            await self._free(turn)
            return
        meant = understand.intent(said) if typed else None
        if state.open == "all" and meant in _WHILE_LISTENING:
            await self._word(turn, meant or "")
            return
        if state.open == "text" and typed:
            if meant in _IN_TEXT and not (meant.startswith("lang_") and len(understand.folded(said)) <= 3):
                await self._word(turn, meant)
                return
            if (
                understand.asks(said)
                and len(said) < 160
                and (found := answers.find(self.programme, said))
                and found[0].score >= answers.SURE
            ):
                await self._interrupted(turn, found[0], said)
                return
        if state.asking == EDIT and not understand.count(said):
            if meant not in (None, "back", "cancel", "no"):
                await self._word(turn, meant or "")
                return
            if meant is not None:
                await self.runs.show(turn)
                return
        run = await self.runs.told(turn, state, "")
        if run.misread is not None and typed and not state.offers:
            await self._misread(turn, state, meant, said)

    def _aside(self, state: State, said: str) -> str:
        """What a typed line of the side screen last shown stands for: its number, or its label in any language."""
        line = understand.count(said)
        if line is None and len(state.shown) == 2:  # a question of yes or no, whatever its buttons say
            line = {"yes": 1, "confirm": 1, "no": 2}.get(understand.intent(said) or "")
        if line is not None and 0 < line <= len(state.shown):
            return state.shown[line - 1]
        return state.aside.get(understand.folded(said), "")

    # the open question ----------------------------------------------------------------------------------------------

    async def _misread(self, turn: TurnContext, state: State, meant: str | None, said: str) -> None:
        """The open question could not read it: perhaps it was not meant for it."""
        if meant is not None and meant.startswith("lang_") and len(understand.folded(said)) <= 3:
            meant = None
        meant = meant or understand.wish(said)
        known = meant in self.topics or meant in _MOVES or meant in _GREETINGS or (meant or "").startswith("lang_")
        if meant == "next" and state.name == "menu" and self.moves.waiting(turn) is not None:
            turn.out.clear()
            await self.moves.resume(turn, "")
            return
        found = [] if known else self._found(meant, said)
        if not known and not found:
            return  # the hint stands
        state.misreads -= 1
        turn.out.clear()
        if known:
            await self._word(turn, meant or "")
        elif found[0].score >= answers.SURE:
            await self.runs.show(
                turn, *self._told_faq(found[0]), *([] if state.name == "menu" else [_("Let us go on:")])
            )
        else:
            await self._guess(turn, found)

    def _found(self, meant: str | None, said: str) -> list[answers.Found]:
        """Answers of the programme: by a meaning the bot knows, or by their wording."""
        if meant and (found := answers.about(self.programme, meant)):
            return [found]
        return answers.find(self.programme, said)

    def _told_faq(self, found: answers.Found) -> list[Text]:
        return [found.ask, *found.answer]

    async def _free(self, turn: TurnContext) -> None:
        """Nothing is open: a word that always works, a question of the FAQ, or the menu."""
        said = turn.incoming.text
        if turn.incoming.kind == "file":
            turn.out.append(Outgoing(_("Thank you, but I did not ask for a document just now, so I have not kept it.")))
            await self.runs.home(turn, [Button(_("Send a document"), "/track document"), Button(_("Menu"), "/menu")])
            return
        meant = understand.intent(said) or understand.wish(said)
        if meant in self.topics or meant in _GREETINGS or (meant or "").startswith("lang_"):
            await self._word(turn, meant or "")
            return
        found = self._found(meant, said)
        if found and found[0].score >= answers.SURE:
            turn.out.append(Outgoing(paragraphs(self._told_faq(found[0])), (Button(_("Menu"), "/menu"),)))
            await self.runs.home(turn, [Button(_("Menu"), "/menu")])
        elif found:
            await self._guess(turn, found)
        else:
            await self.runs.open(turn, "menu", note=self.programme.say(self.programme.texts.fallback))

    async def _guess(self, turn: TurnContext, found: list[answers.Found]) -> None:
        """ "Did you mean": the nearest questions as buttons; the open question stays open behind them."""
        buttons = [Button(one.label, one.command) for one in found]
        state = turn.current
        if state is not None and state.asking and state.name != "menu":
            buttons.append(Button(_("Continue"), "/resume"))
        turn.out.append(
            Outgoing(
                _("Did you mean one of these questions?"),
                (*buttons, Button(_("Talk to the team"), "/human", aside=True)),
            )
        )
        self.runs.shows(turn, buttons)

    async def _interrupted(self, turn: TurnContext, found: answers.Found, said: str) -> None:
        """A question in the middle of a text answer: answered, and the text can still be taken as the answer."""
        state = turn.current
        assert state is not None
        await self.runs.show(turn, *self._told_faq(found), _("Let us go on:"))
        if state.asking and turn.out:
            state.offers = [said]
            last = turn.out[-1]
            keep = Button(_("That was my answer"), carried(state.number, state.asking, "#0"))
            turn.out[-1] = replace(last, buttons=(keep, *last.buttons))

    # words that always work -----------------------------------------------------------------------------------------

    async def _word(self, turn: TurnContext, meant: str) -> None:
        if meant in _MOVES:
            await self.moves.move(turn, meant)
        elif meant.startswith("lang_"):
            await self._language(turn, meant.removeprefix("lang_"))
        elif meant == "greeting":
            await self.runs.show(turn, _("Hello! It is good to see you."))
        elif meant == "thanks":
            await self.runs.show(turn, _("With pleasure!"))
        elif meant == "bye":
            turn.out.append(Outgoing(_("Goodbye, and good luck with your project! What you told me is kept.")))
        elif meant == "stop" and turn.current is not None and turn.current.asking and turn.current.name != "menu":
            await self._stop_what(turn)
        else:
            await self.runs.open(turn, self.topics[meant])

    async def _language(self, turn: TurnContext, code: str) -> None:
        if code not in self.languages:
            await self.runs.show(turn, _("I speak Arabic, French and English for now."))
            return
        turn.person.language = code
        await self.runs.show(turn, _("From now on I write in English."))

    async def _stop_what(self, turn: TurnContext) -> None:
        buttons = (
            Button(_("Leave this form"), "/cancel"),
            Button(_("Stop announcements"), "/stop"),
            Button(_("Continue"), "/resume"),
        )
        turn.out.append(Outgoing(_("What would you like to stop?"), buttons))
        self.runs.shows(turn, buttons)

    # old buttons ----------------------------------------------------------------------------------------------------

    # running --------------------------------------------------------------------------------------------------------


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
