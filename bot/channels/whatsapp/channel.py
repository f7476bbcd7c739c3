"""WhatsApp by Meta's Cloud API: what becomes of our messages, and its webhooks.

Outside 24 hours after the person's last message only approved templates pass; it is looked at again at the
very moment of sending.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Protocol, TypeAlias
from urllib.parse import parse_qs

from pydantic_core import from_json, to_json

from bot.channels.base import Body, Doubt, Fetch, Gone, Held, Later, Never, Outcome, Part, Sent, Told
from bot.channels.downloads import Downloads
from bot.channels.fit import fit
from bot.channels.http_client import HttpClient, NotSent, Uncertain
from bot.channels.multipart import form
from bot.channels.whatsapp import account as account
from bot.channels.whatsapp.calls import LIMITS, TAKEN, call, receiver, template_call
from bot.channels.whatsapp.errors import judge, rule
from bot.channels.whatsapp.media import lookup, stream
from bot.channels.whatsapp.rate_limit import Pace
from bot.channels.whatsapp.updates import (
    CHANNEL,
    Batch,
    Media,
    Moved,
    NotAWebhook,
    Preference,
    Said,
    Sender,
    Status,
    TemplateNews,
    is_phone,
    is_user,
    parse,
)
from bot.documents.store import FileStore
from bot.documents.uploads import Refused, Uploads
from bot.log import fault, log
from bot.webhooks import BadBody, Say, answer, answer_of, read_body, say_when
from handlers.talk.message import READ_ON, Incoming

WEBHOOK_BYTES, WEBHOOK_S = 4 * 2**20, 20  # Meta sends up to 3 MB
FETCH_S, UPLOAD_S = 45, 60
WINDOW = timedelta(hours=24) - timedelta(minutes=5)  # what is sent in its last minutes may arrive too late
SURE = timedelta(minutes=5)  # so long who somebody is, and when they wrote, need not be written down again
PEOPLE = 20_000  # remembered
MARKS = 64  # read marks under way at once; more are left out


def signed(raw: bytes, secret: bytes, given: bytes) -> bool:
    """Whether `X-Hub-Signature-256` is the body's, by the secret of our app."""
    return hmac.compare_digest(given, b"sha256=" + hmac.new(secret, raw, "sha256").hexdigest().encode())


# the channel --------------------------------------------------------------------------------------------------------

Take: TypeAlias = Callable[[Incoming, Fetch | None], asyncio.Future[None]]


class Records(Protocol):
    """What is kept of WhatsApp between processes; each raises if the database is away."""

    async def heard(self, sender: Sender, at: datetime) -> tuple[str, int]:
        """Somebody wrote: the address they are known by, and how many held messages may go to them now."""

    async def heard_at(self, address: str) -> datetime | None:
        """When they wrote last."""

    async def shut(self, address: str) -> None:
        """Meta says that the window of this address is closed."""

    async def moved(self, moved: Moved) -> None:
        """A person has another number or another id."""

    async def statuses(self, statuses: Sequence[Status]) -> None:
        """What became of messages."""

    async def prefers(self, address: str, wanted: bool, at: datetime) -> None:
        """A person wants news no more, or again."""

    async def unreachable(self, address: str, mark: str) -> bool:
        """A message could not be delivered; whether the one before it could not be either."""

    async def lacking(self, templates: Sequence[str]) -> None:
        """Templates of ours are not approved: the team is told, once a day."""

    async def alarm(self, code: int) -> None:
        """A human should look at the account: the team is told, once a day for each code."""


class WhatsApp:
    """One number of WhatsApp Business."""

    name = CHANNEL
    at_once = 64

    def __init__(
        self,
        token: str,
        number: str,
        api: str,
        take: Take,
        records: Records,
        *,
        app_secret: str,
        verify_token: str,
        menu: Mapping[str, str],
        announcements: Mapping[str, Body],
        wanted: Iterable[tuple[str, str]],
        uploads: Uploads,
        store: FileStore,
        now: Callable[[], datetime],
    ) -> None:
        self._token = token
        self._number = number  # its id at Meta, not what one dials
        self._api = api
        self._take = take
        self._records = records
        self._app_secret = app_secret.encode()
        self._verify_token = verify_token.encode()
        self._menu = menu  # language -> what opens a list
        self._announcements = announcements  # language -> "there is a message for you", with its template
        self._wanted = frozenset(wanted)  # (name, language) of every template of ours
        self._intake = uploads
        self._vault = store
        self._now = now
        self._lean = HttpClient(api, most=self.at_once + 4, headers={"Authorization": f"Bearer {token}"})
        self._pace = Pace()
        self._downloads = Downloads(api)
        self._heard: OrderedDict[str, datetime] = OrderedDict()
        self._people: OrderedDict[tuple[str, str], tuple[str, datetime]] = OrderedDict()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._hearing: set[asyncio.Task[Any]] = set()  # those that may have a message to take: nothing overtakes it
        self.account = number
        self._account = ""  # the id of the WhatsApp Business account, once it is known
        self.templates: dict[tuple[str, str], str] | None = (
            None  # (name, language) -> Meta's word about it; None: not known yet
        )
        self.down = ""  # why nothing can be sent

    def fit(self, body: Body) -> list[Part]:
        parts = fit(body, LIMITS)
        if len(parts) == 1 and "template" in body:
            parts[0]["template"] = body["template"]
        return parts

    @property
    def troubles(self) -> list[str]:
        """What staff should know of: why nothing can be sent, templates that are not approved."""
        found = [self.down] if self.down else []
        if self.templates is not None:
            lacking = sorted(
                f"{name} ({language}): {self.templates.get((name, language), 'missing').lower()}"
                for name, language in self._lacking()
            )
            found += [f"template {one}" for one in lacking]
        return found

    def _lacking(self) -> set[tuple[str, str]]:
        return {one for one in self._wanted if (self.templates or {}).get(one) != "APPROVED"}

    # sending --------------------------------------------------------------------------------------------------------

    async def send(self, address: str, part: Part) -> Outcome:
        try:
            receiver(address)
        except ValueError as error:
            return Never(str(error))
        if wait := self._pace.pair(address, self._now().timestamp()):
            return Later(wait, "our pace to one person")
        loop = asyncio.get_running_loop()
        while wait := self._pace.account(loop.time(), reply=part.get("lane", 0) == 0):  # noqa: ASYNC110 - replies overtake
            await asyncio.sleep(wait)
        try:
            heard = await self._last_heard(address)
        except Exception as error:
            return Later(5, type(error).__name__)
        if heard is None or self._now() >= heard + WINDOW:
            return await self._by_template(address, part, heard)
        return await self._unless_shut(address, part, await self._say(address, part))

    async def _unless_shut(self, address: str, part: Part, outcome: Outcome) -> Outcome:
        """The outcome; if Meta takes the window for closed, that of a template."""
        if isinstance(outcome, Held):  # Meta counts otherwise: so be it
            await self._shut(address)
            return await self._by_template(address, part, None)
        return outcome

    def begin(self, address: str, part: Part, told: Told) -> bool:
        """A reply in words within the window, if it is known to be open and the pace allows it at once."""
        heard, now = self._heard.get(address), self._now()
        if "file" in part or heard is None or now >= heard + WINDOW or not (is_phone(address) or is_user(address)):
            return False
        if (
            not self._lean.ready
            or self._pace.account(asyncio.get_running_loop().time(), reply=True)
            or self._pace.pair(address, now.timestamp())
        ):
            return False
        sent = self._lean.begin(f"/{self._number}/messages", to_json(self._call(address, part)))

        def answered(sent: asyncio.Future[tuple[int, bytes]]) -> None:
            if (error := sent.exception()) is not None:
                told(Doubt(str(error)))
                return
            outcome, code = judge(*sent.result())
            if isinstance(outcome, Sent):
                self._went(address)
                told(outcome)
            else:
                self._spawn(follow(outcome, code, sent.result()[0]))

        async def follow(outcome: Outcome, code: int, status: int) -> None:
            try:
                outcome = await self._follow(outcome, code, status, address, part)
                outcome = await self._unless_shut(address, part, outcome)
            except Exception as error:
                log.error("send failed", channel=self.name, **fault(error))
                outcome = Doubt(type(error).__name__)
            told(outcome)

        sent.add_done_callback(answered)
        return True

    async def _last_heard(self, address: str) -> datetime | None:
        heard = self._heard.get(address)
        if heard is None or self._now() >= heard + WINDOW:  # another process may have heard them since
            heard = await self._records.heard_at(address)
            if heard is not None:
                self._note_heard(address, heard)
        return heard

    async def _say(self, address: str, part: Part) -> Outcome:
        document = ""
        if "file" in part:
            try:
                uploaded = await self._upload(part)
            except OSError:
                return Never("the file is gone")
            if not isinstance(uploaded, str):
                return uploaded
            document = uploaded
        return await self._post(address, self._call(address, part, document), part)

    def _call(self, address: str, part: Part, document: str = "") -> dict[str, Any]:
        return call(address, part, self._menu.get(part.get("language", "fr"), self._menu["fr"]), document)

    async def _post(self, address: str, said: Mapping[str, Any], part: Part) -> Outcome:
        try:
            status, raw = await self._lean.post(f"/{self._number}/messages", to_json(said))
        except NotSent as error:
            return Later(1, str(error))
        except Uncertain as error:
            return Doubt(str(error))
        outcome, code = judge(status, raw)
        if isinstance(outcome, Sent):
            self._went(address)
            return outcome
        return await self._follow(outcome, code, status, address, part)

    def _went(self, address: str) -> None:
        self.down = ""
        self._pace.went(address)

    async def _follow(self, outcome: Outcome, code: int, status: int, address: str, part: Part) -> Outcome:
        """What an error means beyond this message."""
        found = rule(code, status)
        match found.follows:
            case "down":
                self.down = f"{abs(code)}: {found.why}"
                log.error(found.why, channel=self.name, code=code)
                await self._alarm(code)
            case "slower":
                self._pace.slower()
            case "pair":
                return Later(self._pace.refused(address), "131056 too many messages to this person")
            case "template" if self.templates is not None and "template" in part:
                self.templates[part["template"]["name"], part.get("language", "fr")] = (
                    "PAUSED" if code == 132015 else "REJECTED"
                )
            case "nobody":
                if await self._unreachable(address, part.get("mark", "")):
                    return Gone("undeliverable twice")
            case "no_news":
                await self._prefers(address)
            case "look":
                log.error("WhatsApp refuses a message", why=found.why, code=code)
                await self._alarm(code)
        return outcome

    async def _by_template(self, address: str, part: Part, heard: datetime | None) -> Outcome:
        """Outside the window: the approved template of these words, or else they wait and a template says so."""
        if self.templates is None:
            return Later(10, "templates are not known yet")
        language, said = part.get("language", "fr"), part.get("template")
        general = said is not None and said["name"] == self._announcements["fr"]["template"]["name"]
        for code in (language, *self._announcements) if general else (language,):
            if said is not None and self.templates.get((said["name"], code)) == "APPROVED":
                outcome = await self._post(address, template_call(address, part, code), part | {"language": code})
                if not isinstance(outcome, Held):
                    return outcome
        if general:  # there is no way to say it now; Meta may approve it in a while
            return Later(3600, "no template is approved")
        since = (
            f"{heard.timestamp():.0f}" if heard is not None else f"{self._now():%Y-%m-%d}"
        )  # of a stranger nothing is known but the day
        key = f"{blake2b(address.encode(), digest_size=9).hexdigest()}:{since}"
        return Held(
            "outside the 24-hour window", heard, self._announcements.get(language, self._announcements["fr"]), key
        )

    async def _upload(self, part: Part) -> str | Outcome:
        """The id under which Meta keeps a document, or why it does not."""
        id, name, kind, _size = part["file"]
        content = await asyncio.to_thread(self._vault.path(id).read_bytes)
        kind = kind if kind in TAKEN else "text/plain"
        content_type, body = form({"messaging_product": "whatsapp", "type": kind}, "file", name, content, kind)
        try:
            status, raw = await self._lean.post(f"/{self._number}/media", body, UPLOAD_S, kind=content_type)
            if status == 200:
                return str(from_json(raw)["id"])
        except (NotSent, Uncertain) as error:
            return Later(2, str(error))  # an upload that nothing refers to harms nobody
        except (ValueError, KeyError, TypeError):
            return Later(5, "unreadable answer", tries=3)
        outcome, _code = judge(status, raw)
        return outcome

    # what the records keeps; none of it may hold up a send -------------------------------------------------------------

    async def _shut(self, address: str) -> None:
        self._forget_people()
        await self._quietly(self._records.shut(address))

    async def _alarm(self, code: int) -> None:
        await self._quietly(self._records.alarm(code))

    async def _tell_lacking(self) -> None:
        if lacking := sorted({name for name, _language in self._lacking()}):
            await self._quietly(self._records.lacking(lacking))

    async def _prefers(self, address: str) -> None:
        await self._quietly(self._records.prefers(address, False, self._now()))

    async def _unreachable(self, address: str, mark: str) -> bool:
        return bool(await self._quietly(self._records.unreachable(address, mark)))

    async def _quietly(self, work: Awaitable[Any]) -> Any:
        try:
            return await work
        except Exception as error:
            log.warning("not written down", channel=self.name, **fault(error))
            return None

    def _note_heard(self, address: str, at: datetime) -> None:
        self._heard[address] = max(at, self._heard.pop(address, at))
        while len(self._heard) > PEOPLE:
            self._heard.popitem(last=False)

    def _forget_people(self) -> None:
        """What was remembered may be wrong: the database knows."""
        self._people.clear()
        self._heard.clear()

    # receiving ------------------------------------------------------------------------------------------------------

    async def webhook(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI route Meta calls: 200 only when all of a POST is durably handled, 503 if it should come again."""
        if scope["method"] == "GET":
            status, body = self._verified(scope)
        else:
            status, body = await self._posted(scope, receive)
        await answer(send, status, body)

    def _verified(self, scope: Any) -> tuple[int, bytes]:
        """Meta asks once whether this address is ours: it gets its challenge back."""
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        given = asked.get("hub.verify_token", [""])[0].encode("latin-1", "replace")
        challenge = asked.get("hub.challenge", [""])[0]
        if (
            asked.get("hub.mode") != ["subscribe"]
            or not self._verify_token
            or not hmac.compare_digest(given, self._verify_token)
        ):
            return 403, b""
        return (200, challenge.encode()) if re.fullmatch(r"[A-Za-z0-9_-]{1,200}", challenge) else (400, b"")

    async def _posted(self, scope: Any, receive: Any) -> tuple[int, bytes]:
        if scope["method"] != "POST":
            return 405, b""
        try:
            raw = await read_body(scope, receive, WEBHOOK_BYTES, WEBHOOK_S)
        except BadBody as bad:
            return bad.status, b""
        return await answer_of(self.posted, raw, dict(scope["headers"]))

    def posted(self, raw: bytes, head: Mapping[bytes, bytes], say: Say) -> None:
        """Take a webhook that was posted, and answer as above."""
        if not signed(raw, self._app_secret, head.get(b"x-hub-signature-256", b"")):
            say(401, b"")
            return
        try:
            batch = parse(raw, self._number, self._now())
        except NotAWebhook:
            log.warning("a signed webhook that is none", channel=self.name)
            say(200, b"")  # it would only come again, for days
            return
        if (said := batch.alone) is not None and not self._hearing and (taken := self._take_known(said)) is not None:
            say_when(taken, say, self.name)
            return
        task = self._spawn(self._answered(batch, say))
        if batch.said:
            self._hearing.add(task)
            task.add_done_callback(self._hearing.discard)

    async def _answered(self, batch: Batch, say: Say) -> None:
        well = False
        try:
            well = await self._handle(batch)
        finally:
            say(200 if well else 503, b"")

    async def _handle(self, batch: Batch) -> bool:
        """Whether everything of a batch is durably handled; nothing of it keeps the rest from being so."""
        well = [await self._one(self._records.moved(moved)) for moved in batch.moved]
        if batch.moved or any(status.code == 131047 for status in batch.statuses):
            self._forget_people()
        people: dict[str, list[Said]] = {}
        for said in batch.said:
            people.setdefault(said.sender.key, []).append(said)
        work: list[Awaitable[None]] = [self._in_turn(said) for said in people.values()]
        if batch.statuses:
            work.append(self._records.statuses(batch.statuses))
        work += [self._preferred(preference) for preference in batch.preferences]
        well += await asyncio.gather(*(self._one(one) for one in work))
        self._learned(batch.templates)
        for field in batch.alerts:
            log.warning("WhatsApp says something about the account", field=field)
        return all(well)

    async def _one(self, work: Awaitable[None]) -> bool:
        try:
            await work
        except Exception as error:  # the database is away, or something worse: Meta keeps it for us
            log.warning("webhook refused for now", channel=self.name, **fault(error))
            return False
        return True

    async def _in_turn(self, said: Sequence[Said]) -> None:
        """One person's messages, one after the other; what follows one that must come again comes again as well."""
        for one in said:
            await self._hear(one)

    async def _hear(self, said: Said) -> None:
        sender, incoming = said.sender, said.incoming
        if (address := self._address(said)) is not None:
            released = 0
        else:
            address, released = await self._records.heard(sender, said.at)
            self._people[sender.phone, sender.user] = address, said.at
            self._people.move_to_end((sender.phone, sender.user))
            while len(self._people) > PEOPLE:
                self._people.popitem(last=False)
        self._note_heard(address, said.at)
        if incoming is None:
            return
        if incoming.press == READ_ON:  # what was held comes by itself
            incoming = replace(incoming, kind="returned") if released else replace(incoming, press="/start")
        await self._take_from(address, incoming, said.media)

    def _take_known(self, said: Said) -> asyncio.Future[None] | None:
        """Take a message at once, without a task, if nothing has to be asked or written down for it first."""
        if said.incoming is None or (address := self._address(said)) is None:
            return None
        self._note_heard(address, said.at)
        return self._take_from(address, said.incoming, said.media)

    def _address(self, said: Said) -> str | None:
        """What a person is known by; None if that, or that they wrote, is to be written down."""
        known = self._people.get((said.sender.phone, said.sender.user))
        if known is None or said.at - known[1] > SURE or (said.incoming is not None and said.incoming.press == READ_ON):
            return None
        return known[0]

    def _take_from(self, address: str, incoming: Incoming, media: Media | None) -> asyncio.Future[None]:
        incoming = replace(incoming, address=address)
        if media is not None:
            self._mark_read(incoming.id, typing=True)  # a document takes a while
            return self._take(incoming, lambda: self._fetch(incoming, media))

        def handled(taken: asyncio.Future[None]) -> None:
            if not taken.cancelled() and taken.exception() is None:
                self._mark_read(incoming.id)

        taken = self._take(incoming, None)
        taken.add_done_callback(handled)
        return taken

    async def _preferred(self, preference: Preference) -> None:
        address = preference.sender.phone or preference.sender.user
        await self._records.prefers(address, preference.wanted, preference.at)

    def _learned(self, news: Sequence[TemplateNews]) -> None:
        for one in news:
            if self.templates is None:
                continue  # it will be asked for
            self.templates[one.name, one.language] = one.status
            if (one.name, one.language) in self._wanted and one.status != "APPROVED":
                log.error(
                    "a template of ours is not approved", template=one.name, language=one.language, status=one.status
                )
                self._spawn(self._tell_lacking())

    def _mark_read(self, message: str, *, typing: bool = False) -> None:
        """Two blue ticks; with dots while something takes long. Nothing is lost if it fails."""
        if len(self._tasks) < MARKS:
            said: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": message}
            if typing:
                said["typing_indicator"] = {"type": "text"}
            self._spawn(self._marked(to_json(said)))

    async def _marked(self, said: bytes) -> None:
        try:
            await self._lean.post(f"/{self._number}/messages", said, 5)
        except (NotSent, Uncertain):
            log.info("message not marked as read", channel=self.name)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _fetch(self, incoming: Incoming, media: Media) -> Incoming:
        """The message with its document, taken in; or with the trouble that kept it out."""
        try:
            async with asyncio.timeout(FETCH_S):
                found = await lookup(self._lean, media.id, self._intake.largest)
                content = stream(self._downloads, found, self._api, self._token)
                return replace(incoming, file=await self._intake.take(content, media.filename or "photo.jpg"))
        except Refused as refused:
            return replace(incoming, trouble=refused.trouble)
        except Exception as error:
            log.warning("document not fetched", channel=self.name, **fault(error))
            return replace(incoming, trouble="gone")

    # the account ----------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Have the account's webhooks sent to us, and see which templates are approved."""
        await account.subscribe(self._lean, await self._business())
        await self.refresh()
        log.info("WhatsApp", account=self._number)

    async def refresh(self) -> None:
        """Ask again whether the number may send, and which templates are approved."""
        rows = await account.templates(self._lean, await self._business())
        self.templates = {(row["name"], row["language"]): str(row["status"]) for row in rows}
        await self._tell_lacking()
        blocked = await account.blocked(self._lean, self._number)
        self.down = "Meta lets this number send nothing: look at the WhatsApp Manager" if blocked else ""

    async def _business(self) -> str:
        self._account = self._account or await account.business(self._lean, self._number)
        return self._account

    async def close(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        await self._lean.close()
        await self._downloads.close()
