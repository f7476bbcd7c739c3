"""The table of contents: every conversation, its command, its name in three languages, who may open it; every kind of reminder;
what the clock does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from handlers.actor import Actor
from handlers.announcements.compose import announce
from handlers.announcements.report import announcement, announcements
from handlers.announcements.subscriptions import news, stop
from handlers.applications import reminders as applications
from handlers.applications.apply import apply
from handlers.applications.changes import changes
from handlers.applications.decisions import decisions
from handlers.applications.export import export
from handlers.applications.file import file
from handlers.applications.queue import queue
from handlers.applications.track import track
from handlers.coaching import offers
from handlers.coaching import reminders as coaching
from handlers.coaching.agenda import agenda, calendar
from handlers.coaching.book import book
from handlers.coaching.feedback import feedback
from handlers.coaching.hours import hours
from handlers.coaching.my_sessions import my_bookings
from handlers.coaching.profile import coaches_, pause, profile
from handlers.coaching.session import handle
from handlers.coaching.waiting_list import waiting
from handlers.eligibility.check import eligibility
from handlers.exchanges import overdue
from handlers.exchanges.desk import answer, desk, take
from handlers.exchanges.human import end, human
from handlers.information.faq import faq
from handlers.information.services import services
from handlers.notices.reminders import Kinds
from handlers.people.link_apps import link
from handlers.people.my_reminders import mute, upcoming
from handlers.people.privacy import privacy
from handlers.people.settings import settings
from handlers.people.welcome import language, welcome
from handlers.programme.model import Programme
from handlers.rights import Act, may
from handlers.talk.kinds.choices import choice
from handlers.talk.question import Misread, Option, Question, Reply
from handlers.talk.talk import Talk
from handlers.talk.words import Text, _, lines
from handlers.team.team import invite, join, team
from storage.database import Db

Flow: TypeAlias = Callable[[Talk, Db, Programme], Awaitable[None]]

KINDS: Kinds = {**applications.KINDS, **coaching.KINDS}  # of reminders, each declared in its room


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation: `/name` opens it."""

    name: str
    title: Text
    flow: Flow
    act: Act = Act.ASK  # what it is for: whoever may do that may open it
    resume: Text | None = None  # left half way it waits as a draft, and this is the button that continues it
    brief: bool = False  # when it ends, the question it interrupted is put again
    listed: bool = True  # among the commands a platform shows
    topics: tuple[str, ...] = ()  # meanings that open it when they are the whole message


def contents(programme: Programme) -> dict[str, Entry]:
    """Every conversation by its name, in the order of the menu."""
    entries = [
        Entry("start", _("Start"), welcome, brief=True),
        Entry("menu", _("Menu"), menu_of(programme), topics=("menu",)),
        Entry("services", _("Our services"), services, brief=True, topics=("services",)),
        Entry("eligibility", _("Am I eligible?"), eligibility, resume=_("Continue the check"), topics=("eligible",)),
        Entry("apply", _("Apply"), apply, Act.APPLY, resume=_("Continue applying"), topics=("apply",)),
        Entry("track", _("Track my application"), track, Act.APPLY, brief=True, topics=("track",)),
        *(_coaching() if programme.coaching is not None else ()),
        Entry("faq", _("FAQ"), faq, brief=True),
        Entry("human", _("Talk to the team"), human, Act.WRITE_TO_TEAM, topics=("human",)),
        Entry("settings", _("Language and data"), settings, Act.KEEP_OWN_DATA, brief=True),
        Entry("language", _("Change language"), language, brief=True, topics=("language",)),
        Entry("privacy", _("My data"), privacy, Act.KEEP_OWN_DATA, brief=True, topics=("my_data",)),
        Entry(
            "news", _("Receive announcements"), news, Act.KEEP_OWN_DATA, brief=True, listed=False, topics=("news_on",)
        ),
        Entry("stop", _("Stop announcements"), stop, Act.KEEP_OWN_DATA, brief=True, topics=("stop",)),
        Entry("reminders", _("What will you send me?"), upcoming(KINDS), Act.KEEP_OWN_DATA, brief=True, listed=False),
        Entry("hush", _("Do not remind me"), mute(KINDS), Act.KEEP_OWN_DATA, brief=True, listed=False),
        Entry("link", _("My apps"), link, Act.KEEP_OWN_DATA, brief=True, listed=False, topics=("link",)),
        Entry("help", _("Help"), help_, brief=True, topics=("help", "not_understood")),
        Entry("end", _("End the exchange"), end, Act.WRITE_TO_TEAM, brief=True, listed=False),
        Entry("join", _("Join the team"), join, Act.JOIN_TEAM, brief=True, listed=False),
        Entry(
            "changes", _("What the team asks for"), changes, Act.APPLY, resume=_("Continue my changes"), listed=False
        ),
        *_staff(),
    ]
    named = {entry.name: entry for entry in entries}
    for name, label in programme.menu.items():
        if name in named:
            named[name] = replace(named[name], title=label)
    return named


def _staff() -> list[Entry]:
    """What the team has besides."""
    return [
        Entry("desk", _("Who waits for a person"), desk, Act.ANSWER_FOUNDERS),
        Entry("take", _("Take an exchange"), take, Act.ANSWER_FOUNDERS, brief=True, listed=False),
        Entry("answer", _("Answer a founder"), answer, Act.ANSWER_FOUNDERS, brief=True, listed=False),
        Entry("queue", _("Applications to read"), queue, Act.REVIEW),
        Entry("file", _("An application"), file, Act.REVIEW, listed=False),
        Entry("decisions", _("Decisions to tell"), decisions, Act.DECIDE),
        Entry("export", _("Applications as a table"), export, Act.EXPORT_APPLICATIONS, brief=True),
        Entry("announce", _("Write an announcement"), announce, Act.ANNOUNCE, resume=_("Continue the announcement")),
        Entry("announcements", _("Announcements"), announcements, Act.ANNOUNCE),
        Entry("announcement", _("An announcement"), announcement, Act.ANNOUNCE, brief=True, listed=False),
        Entry("team", _("The team"), team, Act.SEE_TEAM),
        Entry("invite", _("Invite somebody"), invite, Act.INVITE, brief=True, listed=False),
    ]


def _coaching() -> list[Entry]:
    """What a programme with coaching has besides."""
    return [
        Entry("book", _("Book a session"), book, Act.BOOK, resume=_("Continue booking"), topics=("appointment",)),
        Entry("bookings", _("My bookings"), my_bookings, Act.BOOK, brief=True, topics=("my_bookings", "move")),
        Entry("waiting", _("My place in the line"), waiting, Act.BOOK, brief=True, listed=False),
        Entry("feedback", _("How was it?"), feedback, Act.BOOK, brief=True, listed=False),
        Entry("agenda", _("My agenda"), agenda, Act.COACH),
        Entry("session", _("A session"), handle, Act.HANDLE_SESSION, brief=True, listed=False),
        Entry("hours", _("My hours"), hours, Act.COACH),
        Entry("profile", _("My coaching profile"), profile, Act.COACH),
        Entry("calendar", _("My calendar"), calendar, Act.COACH, brief=True),
        Entry("pause", _("Pause bookings"), pause, Act.COACH, brief=True, listed=False),
        Entry("coaches", _("Coaches"), coaches_, Act.SEE_COACHES, brief=True, listed=False),
    ]


@dataclass(frozen=True, slots=True)
class Chore:
    """What the clock does for a room; more than once and late it does no harm."""

    name: str
    seconds: float  # from one time to the next
    do: Callable[
        [Db, Actor, Programme, Callable[[bytes], str]], Awaitable[int]
    ]  # given what writes to disk; how many it did
    at_once: bool = False  # the first time when the process starts


def chores(programme: Programme) -> list[Chore]:
    """Every chore of the clock, each in a transaction of its own."""
    of_coaching = [
        Chore("offers", 30, lambda db, by, programme, _keep: offers.hand_out(db, by, programme)),
        Chore("legal time", 600, coaching.recompute, at_once=True),  # it may have changed since the process ended
    ]
    return [
        Chore("waiting", 60, lambda db, by, programme, _keep: overdue.remind_team(db, by, programme)),
        Chore("nudges", 600, lambda db, by, programme, _keep: applications.sweep(db, by, programme), at_once=True),
        *(of_coaching if programme.coaching is not None else ()),
    ]


def by_topic(entries: Mapping[str, Entry]) -> dict[str, str]:
    """The name of the conversation each meaning opens."""
    return {topic: entry.name for entry in entries.values() for topic in entry.topics}


def menu_of(programme: Programme) -> Flow:
    """The menu: half-done conversations first, then what staff listed in the programme file."""
    known = MENU if programme.coaching is not None else tuple(name for name in MENU if name not in ("book", "bookings"))
    lines_ = [Option(f"/{name}", label) for name, label in programme.menu.items() if name in known]

    async def menu(talk: Talk, db: Db, programme: Programme) -> None:
        drafts = [Option(command, label) for command, label in talk.drafts.values()]
        own = (
            [Option("/agenda", _("My agenda"))]
            if may(talk.person.roles, Act.COACH) and programme.coaching is not None
            else []
        )
        own += [Option("/queue", _("Applications to read"))] if may(talk.person.roles, Act.REVIEW) else []
        own += (
            [Option("/desk", _("Who waits for a person")), Option("/announcements", _("Announcements"))]
            if may(talk.person.roles, Act.ANSWER_FOUNDERS)
            else []
        )
        asked = choice(_("What would you like to do?"), [*own, *drafts, *lines_])

        def read(heard: Reply) -> str:
            try:
                return asked.read(heard)
            except Misread:
                raise Misread(programme.say(programme.texts.fallback)) from None

        await talk.ask(
            "what", Question(asked.prompt, read, asked.load, asked.keep, asked.show, asked.options, labels=asked.labels)
        )

    return menu


MENU = ("services", "eligibility", "apply", "track", "book", "bookings", "faq", "human", "settings")


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
