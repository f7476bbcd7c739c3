"""The table of contents: every conversation, its command, its name in three languages, who may open it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from handlers.founder.apply import apply
from handlers.founder.eligibility import eligibility
from handlers.founder.faq import faq
from handlers.founder.human import end, human
from handlers.founder.services import services
from handlers.founder.settings import news, privacy, settings, stop
from handlers.founder.track import track
from handlers.founder.welcome import language, welcome
from handlers.programme.model import Programme
from handlers.staff.answer import answer
from handlers.talk.question import Heard, Misread, Option, Question, choice
from handlers.talk.talk import Talk
from handlers.talk.words import Text, _, lines
from storage.database import Db

Flow: TypeAlias = Callable[[Talk, Db, Programme], Awaitable[None]]
ANYBODY, TEAM = frozenset({"founder"}), frozenset({"staff", "admin"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation: `/name` opens it."""

    name: str
    title: Text
    flow: Flow
    resume: Text | None = None  # left half way it waits as a draft, and this is the button that continues it
    brief: bool = False  # when it ends, the question it interrupted is put again
    listed: bool = True  # among the commands a platform shows
    roles: frozenset[str] = ANYBODY
    topics: tuple[str, ...] = ()  # meanings that open it when they are the whole message


def contents(programme: Programme) -> dict[str, Entry]:
    """Every conversation by its name, in the order of the menu."""
    entries = [
        Entry("start", _("Start"), welcome, brief=True),
        Entry("menu", _("Menu"), menu_of(programme), topics=("menu",)),
        Entry("services", _("Our services"), services, brief=True),
        Entry("eligibility", _("Am I eligible?"), eligibility, resume=_("Continue the check"), topics=("eligible",)),
        Entry("apply", _("Apply"), apply, resume=_("Continue applying"), topics=("apply",)),
        Entry("track", _("Track my application"), track, brief=True, topics=("track",)),
        Entry("faq", _("FAQ"), faq, brief=True),
        Entry("human", _("Talk to the team"), human, topics=("human",)),
        Entry("settings", _("Language and data"), settings, brief=True),
        Entry("language", _("Change language"), language, brief=True, topics=("language",)),
        Entry("privacy", _("My data"), privacy, brief=True, topics=("my_data",)),
        Entry("news", _("Receive announcements"), news, brief=True, listed=False, topics=("news_on",)),
        Entry("stop", _("Stop announcements"), stop, brief=True, topics=("stop",)),
        Entry("help", _("Help"), help_, brief=True, topics=("help", "not_understood")),
        Entry("end", _("End the exchange"), end, brief=True, listed=False),
        Entry("answer", _("Answer a founder"), answer, brief=True, listed=False, roles=TEAM),
    ]
    named = {entry.name: entry for entry in entries}
    for name, label in programme.menu.items():
        if name in named:
            named[name] = replace(named[name], title=label)
    return named


def by_topic(entries: Mapping[str, Entry]) -> dict[str, str]:
    """The name of the conversation each meaning opens."""
    return {topic: entry.name for entry in entries.values() for topic in entry.topics}


def menu_of(programme: Programme) -> Flow:
    """The menu: half-done conversations first, then what staff listed in the programme file."""
    lines_ = [Option(f"/{name}", label) for name, label in programme.menu.items() if name in MENU]

    async def menu(talk: Talk, db: Db, programme: Programme) -> None:
        drafts = [Option(command, label) for command, label in talk.drafts.values()]
        asked = choice(_("What would you like to do?"), [*drafts, *lines_])

        def read(heard: Heard) -> str:
            try:
                return asked.read(heard)
            except Misread:
                raise Misread(programme.say(programme.texts.fallback)) from None

        await talk.ask("what", Question(asked.prompt, read, asked.load, asked.keep, asked.show, asked.options, labels=asked.labels))

    return menu


MENU = ("services", "eligibility", "apply", "track", "faq", "human", "settings")


async def help_(talk: Talk, db: Db, programme: Programme) -> None:
    """/help: the words that always work."""
    talk.say(
        lines(
            [
                _("You can press the buttons, type the number of a line, or answer in your own words."),
                _("Words that always work:"),
                _("• “back”: the question before"),
                _("• “skip”: where an answer is optional"),
                _("• “edit”: change an earlier answer"),
                _("• “menu”: everything I can do; what you have answered is kept"),
                _("• “cancel”: leave what you are doing"),
                _("• “language”: العربية, français, English"),
                _("• “team”: talk to a person"),
                _("• “my data”: see, copy or erase your data"),
                _("And you can ask me a question at any moment."),
            ]
        )
    )
