"""WhatsApp by a bridge: a server of the hub's own that imitates WhatsApp Web with an ordinary number.

What all bridges share; what differs is a `Dialect` (waha.py, gowa.py), which only translates. A bridge has no buttons that
work, so everything is numbered lines. WhatsApp's terms do not allow it, and numbers that behave like machines are banned:
we write one message at a time, as fast as a person types, few that nobody asked for, and never announcements.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

from pydantic_core import from_json

from bot.channels.base import Body, Doubt, Fetch, Later, Never, Outcome, Part, Sent
from bot.channels.bridge.rate_limit import Manners, typing
from bot.channels.downloads import Downloads
from bot.channels.fit import Limits, fit, numbered, plain, units
from bot.channels.http_client import JSON, HttpClient, NotSent, Uncertain
from bot.documents.store import FileStore
from bot.documents.uploads import Refused, Uploads
from bot.log import fault, log
from bot.webhooks import BadBody, answer, read_body
from handlers.talk import understand
from handlers.talk.message import Incoming, Kind

LIMITS = Limits(text=4096, caption=1024, buttons=0, label=0, length=units)
WEBHOOK_BYTES, WEBHOOK_S = 4 * 2**20, 10
SEND_S, FETCH_S, UPLOAD_S = 45, 45, 90
ASKED = timedelta(hours=24)  # who wrote since is in a talk with us: what we say is no surprise
NOTICE, ANNOUNCEMENT = 1, 2  # lanes of the outbox
LONGEST_LABEL = 40  # what is longer is no line of a menu
REMEMBERED = 5_000  # letters whose ticks may still come; people's hidden numbers


# what a dialect translates to and from --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """A request to the bridge: POST this."""

    path: str
    body: bytes
    kind: str = JSON


@dataclass(frozen=True, slots=True)
class Whom:
    """Who wrote: their number in digits, or the id WhatsApp hides it behind (`...@lid`), or both."""

    phone: str
    lid: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A document that lies at the bridge; without a path it could not be had."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message of one person."""

    whom: Whom
    id: str
    at: datetime
    kind: Kind
    text: str = ""
    media: Media | None = None
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Ticks:
    """What became of messages of ours: sent, delivered, read, failed."""

    ids: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Session:
    """Whether the bridge is connected to WhatsApp, in its own word."""

    working: bool
    word: str


Event: TypeAlias = Said | Ticks | Session


class Dialect(Protocol):
    """One kind of bridge: pure translation. What it cannot read it answers by LookupError, TypeError or ValueError."""

    name: str
    headers: Mapping[str, str]  # of every request: who we are
    look: str  # where the state of the session is found

    def proven(self, raw: bytes, headers: Mapping[bytes, bytes]) -> bool:
        """Whether a webhook was signed with our secret."""

    def read(self, payload: Mapping[str, Any], now: datetime) -> Event | None:
        """What a webhook says; None for what is not for us: groups, our own messages, news of others."""

    def state(self, answer: Any) -> Session: ...

    def words(self, address: str, text: str) -> Call: ...

    def document(self, address: str, text: str, name: str, kind: str, content: bytes) -> Call: ...

    def sent(self, answer: Any) -> str:
        """The id of a message the bridge took."""

    def signs(self, address: str, message: str = "") -> Call:
        """Two blue ticks for a message; without one, "is typing"."""

    def unhide(self, lid: str) -> str:
        """Where the bridge says which number hides behind an id; "" if it cannot."""

    def unhidden(self, answer: Any) -> str:
        """That number, or ""."""

    def outcome(self, status: int, said: str) -> Outcome | None:
        """What an error of this bridge means; None leaves it to its HTTP status."""


class Records(Protocol):
    """What is kept of bridges between processes; each raises if the database is away."""

    async def heard(self, channel: str, whom: Whom, at: datetime) -> str:
        """Somebody wrote: the address they are known by."""

    async def heard_at(self, channel: str, address: str) -> datetime | None:
        """When they wrote last."""

    async def menu(self, channel: str, address: str) -> Sequence[Mapping[str, Any]]:
        """The lines of the message they saw last, if it was one nobody asked for."""

    async def unasked(self, channel: str) -> tuple[int, datetime | None]:
        """How many notices went out in the last 24 hours, and when the very first did."""

    async def ticks(self, channel: str, state: str, letters: Sequence[tuple[int, str]]) -> None:
        """What became of letters, each by our number (0 if not known) and the bridge's."""

    async def lost(self, channel: str, word: str) -> None:
        """The session is not working: the team is told, once a day."""


# the channel ----------------------------------------------------------------------------------------------------------

Take: TypeAlias = Callable[[Incoming, Fetch | None], Awaitable[None]]


class Bridge:
    """One number on one bridge."""

    def __init__(
        self,
        dialect: Dialect,
        url: str,
        take: Take,
        records: Records,
        *,
        uploads: Uploads,
        store: FileStore,
        now: Callable[[], datetime],
    ) -> None:
        self.name = dialect.name
        self.account = url
        self.session: Session | None = None  # None: not known yet
        self.trouble = ""  # why the bridge takes nothing
        self.rest: Callable[[float], Awaitable[None]] = asyncio.sleep
        self._dialect = dialect
        self._url = url
        self._take = take
        self._records = records
        self._intake = uploads
        self._vault = store
        self._now = now
        self._lean = HttpClient(url, most=8, headers=dialect.headers)
        self._manners = Manners()
        self._voice = asyncio.Lock()  # one message at a time, as one person types
        self._letters: OrderedDict[str, int] = OrderedDict()  # the bridge's id -> ours
        self._hidden: OrderedDict[str, str] = OrderedDict()  # lid -> number
        self._downloads = Downloads(url)
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def troubles(self) -> list[str]:
        """What staff should know of: a session that is not working, a bridge that takes nothing."""
        found = [] if self.session is None or self.session.working else [f"{self.name}: session {self.session.word}"]
        return found + ([f"{self.name}: {self.trouble}"] if self.trouble else [])

    def fit(self, body: Body) -> list[Part]:
        """Buttons as numbered lines, and below them the words that always work."""
        buttons = body.get("buttons", ())
        words = " · ".join(plain(button["label"]) for button in buttons if button.get("aside"))
        menu = "\n".join([*numbered(buttons), *([words] if words else [])])
        without = {name: value for name, value in body.items() if name != "buttons"}
        return fit(without | {"text": "\n\n".join(text for text in (body["text"], menu) if text)}, LIMITS)

    # sending ----------------------------------------------------------------------------------------------------------

    async def send(self, address: str, part: Part) -> Outcome:
        if part.get("lane", 0) == ANNOUNCEMENT:
            return Never("no announcements over a bridge")
        if self.session is not None and not self.session.working:
            return Later(60, f"session {self.session.word}", account=True)
        try:
            if part.get("lane", 0) == NOTICE and (wait := await self._patience(address, part.get("mark", ""))):
                return Later(wait, "our pace")
        except Exception as error:
            return Later(5, type(error).__name__)
        async with self._voice:
            await self._signal(self._dialect.signs(address))
            await self.rest(typing(part["text"]))
            return await self._say(address, part)

    async def _patience(self, address: str, mark: str) -> float:
        """Seconds until a notice may go; whoever is in a talk with us waits for nothing, nor does the rest of a long one."""
        if mark.split(".")[1:2] > ["1"]:
            return 0
        heard = await self._records.heard_at(self.name, address)
        if heard is not None and self._now() - heard < ASKED:
            return 0
        count, first = await self._records.unasked(self.name)
        return self._manners.unasked(self._now(), count, first)

    async def _say(self, address: str, part: Part) -> Outcome:
        text = part["text"].strip() or "…"
        try:
            if "file" in part:
                id, name, kind, _size = part["file"]
                content = await asyncio.to_thread(self._vault.path(id).read_bytes)
                call, seconds = self._dialect.document(address, part["text"].strip(), name, kind, content), UPLOAD_S
            else:
                call, seconds = self._dialect.words(address, text), SEND_S
            status, raw = await self._lean.post(call.path, call.body, seconds, kind=call.kind)
        except OSError:
            return Never("the file is gone")
        except NotSent as error:
            self.trouble = "cannot be reached"
            return Later(5, str(error))
        except Uncertain as error:
            return Doubt(str(error))
        outcome = self._judge(status, raw)
        if isinstance(outcome, Sent) and (letter := part.get("mark", "").partition(".")[0]):
            _remember(self._letters, outcome.platform_id, int(letter))
        return outcome

    def _judge(self, status: int, raw: bytes) -> Outcome:
        if status in (200, 201):
            try:
                id = self._dialect.sent(from_json(raw))
            except (LookupError, TypeError, ValueError):
                return Doubt("unreadable answer")
            self.trouble = ""
            return Sent(id)
        outcome = self._dialect.outcome(status, raw[:2000].decode("utf-8", "replace").lower()) or _by_status(status)
        if isinstance(outcome, Later) and outcome.account:
            self.trouble = outcome.reason
            log.error("the bridge takes no messages", channel=self.name, reason=outcome.reason)
        return outcome

    async def _signal(self, call: Call) -> None:
        """Ticks and dots: nothing is lost if they fail."""
        try:
            await self._lean.post(call.path, call.body, 5)
        except (NotSent, Uncertain):
            log.info("sign not given", channel=self.name)

    # receiving --------------------------------------------------------------------------------------------------------

    async def webhook(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI route the bridge posts to: 200 only when the event is durably handled, 503 if it should come again."""
        await answer(send, await self._posted(scope, receive))

    async def _posted(self, scope: Any, receive: Any) -> int:
        if scope["method"] != "POST":
            return 405
        try:
            raw = await read_body(scope, receive, WEBHOOK_BYTES, WEBHOOK_S)
        except BadBody as bad:
            return bad.status
        if not self._dialect.proven(raw, dict(scope["headers"])):
            return 401
        try:
            event = self._dialect.read(from_json(raw), self._now())
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            log.warning("a signed webhook that is none", channel=self.name, **fault(error))
            return 200  # it would only come again
        try:
            await self._handle(event)
        except Exception as error:  # the database is away, or something worse: the bridge tries again
            log.warning("webhook refused for now", channel=self.name, **fault(error))
            return 503
        return 200

    async def _handle(self, event: Event | None) -> None:
        match event:
            case Said():
                await self._hear(event)
            case Ticks(ids, state):
                await self._records.ticks(self.name, state, [(self._letters.get(id, 0), id) for id in ids])
            case Session():
                await self._note(event)

    async def _hear(self, said: Said) -> None:
        whom = said.whom
        if not whom.phone:
            whom = replace(whom, phone=await self._unhide(whom.lid))
        address = await self._records.heard(self.name, whom, said.at)
        incoming = Incoming(
            self.name, address, said.id, said.at, said.kind, said.text, name=whom.name, reply_to=said.reply_to
        )
        if said.kind == "text":
            incoming = replace(incoming, **await self.pressed(address, said.text))
        media = said.media
        if media is None:
            await self._take(incoming, None)
        elif not media.path:
            await self._take(replace(incoming, trouble="gone"), None)
        else:
            await self._take(incoming, lambda: self._fetch(incoming, media))
        self._spawn(self._signal(self._dialect.signs(address, said.id)))

    async def pressed(self, address: str, text: str) -> dict[str, Any]:
        """A line of the notice they saw last, by its number or its words, is the button it stands for: what the message is then."""
        if len(text) > LONGEST_LABEL:
            return {}
        menu = await self._records.menu(self.name, address)
        line, words = understand.count(text), understand.folded(text)
        for at, button in enumerate(menu, 1):
            if line == at or words == understand.folded(button["label"]):
                return {"kind": "press", "press": button["carries"]}
        return {}

    async def _unhide(self, lid: str) -> str:
        """The number behind a hidden one, as far as the bridge knows it."""
        if lid in self._hidden:
            return self._hidden[lid]
        phone = ""
        if path := self._dialect.unhide(lid):
            try:
                status, raw = await self._lean.get(path, 5)
                phone = self._dialect.unhidden(from_json(raw)) if status == 200 else ""
            except (NotSent, Uncertain, AttributeError, LookupError, TypeError, ValueError) as error:
                log.info("number stays hidden", channel=self.name, **fault(error))
        if phone:
            _remember(self._hidden, lid, phone)
        return phone

    async def _fetch(self, incoming: Incoming, media: Media) -> Incoming:
        """The message with its document, taken in; or with the trouble that kept it out."""
        try:
            async with asyncio.timeout(FETCH_S):
                # from the bridge itself and nowhere else, whatever host the webhook named
                content = self._downloads.stream(self._url + media.path, self._dialect.headers)
                return replace(incoming, file=await self._intake.take(content, media.name or "photo.jpg"))
        except Refused as refused:
            return replace(incoming, trouble=refused.trouble)
        except Exception as error:
            log.warning("document not fetched", channel=self.name, **fault(error))
            return replace(incoming, trouble="gone")

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # the session ------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        await self.refresh()

    async def refresh(self) -> None:
        """Ask the bridge whether it is connected to WhatsApp."""
        try:
            await self._note(await ask(self._lean, self._dialect))
        except (NotSent, Uncertain, ValueError) as error:
            self.trouble = (
                f"cannot be reached ({type(error).__name__})" if not isinstance(error, ValueError) else str(error)
            )
            log.error("bridge not reached", channel=self.name, **fault(error))

    async def _note(self, session: Session) -> None:
        before, self.session = self.session, session
        if session.working:
            self.trouble = ""
        if before is None or before.word != session.word:
            log.info("session", channel=self.name, state=session.word)
        if not session.working and session.word not in _PASSING:
            await self._records.lost(self.name, session.word)

    async def close(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        await self._lean.close()
        await self._downloads.close()


_PASSING = ("STARTING",)


async def ask(lean: HttpClient, dialect: Dialect) -> Session:
    """The state of the session. ValueError, with the bridge's refusal, if it says none; NotSent or Uncertain."""
    status, raw = await lean.get(dialect.look, 10)
    if status != 200:
        raise ValueError(
            "key refused" if status in (401, 403) else "no such session" if status == 404 else f"answers {status}"
        )
    try:
        return dialect.state(from_json(raw))
    except (AttributeError, LookupError, TypeError, ValueError):
        raise ValueError("unreadable answer") from None


def _by_status(status: int) -> Outcome:
    if status in (401, 403):
        return Later(300, "key refused", account=True)
    if status == 404:
        return Later(120, "no such session", account=True)
    if status == 429:
        return Later(60, "429", account=True)
    if status == 504:
        return Doubt("504")  # the bridge was asked, and may have done it
    if status >= 500:
        return Later(10, str(status), tries=4)
    return Never(str(status))


def _remember(where: OrderedDict[str, Any], name: str, value: Any) -> None:
    where[name] = value
    where.move_to_end(name)
    while len(where) > REMEMBERED:
        where.popitem(last=False)


# what dialects share --------------------------------------------------------------------------------------------------

_PERSON = re.compile(r"(\d{6,20})(?::\d+)?@(c\.us|s\.whatsapp\.net|lid)")


def whom(*named: Any, name: Any = "") -> Whom | None:
    """Who is meant by WhatsApp's addresses of one person; None for groups, channels, status messages and made-up ones."""
    phone = lid = ""
    for one in named:
        if isinstance(one, str) and (found := _PERSON.fullmatch(one)):
            if found[2] == "lid":
                lid = lid or f"{found[1]}@lid"
            elif len(found[1]) <= 15:
                phone = phone or found[1]
    return Whom(phone, lid, name if isinstance(name, str) else "") if phone or lid else None


def moment(said: datetime, now: datetime) -> datetime:
    """When something was said; never in the future."""
    return min(said, now)


def kind_of(mime: str) -> Kind:
    """What a document is to us, by the type the sender claims."""
    match mime.partition("/")[0], mime:
        case _, "image/webp":
            return "sticker"
        case "image" | "application" | "text", _:
            return "file"
        case "audio", _:
            return "voice"
    return "other"
