"""A WhatsApp of our own, for tests: the Cloud API for one number on a free port of this machine, and people with phones.

    async with WhatsApp() as whatsapp:
        whatsapp.hook(house.url + "/whatsapp", verify=VERIFY)
        salma = whatsapp.person("سلمى")
        salma.says("سلام")
        salma.presses("العربية")
        assert "مرحبا" in await salma.reads()

It is strict (`tests.whatsapp_rules`): the 24-hour window, templates, limits, the pair rate, the life of media, tokens. Its
webhooks are signed and repeated until they are answered by 200; `whatsapp.stormy` sends them batched, doubled and shuffled.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

from tests import whatsapp_rules as rules
from tests.telegram_hook import Bell
from tests.whatsapp_rules import Json, Refused
from tests.wire import Answer, HangUp, HttpServer, Poster, Request

TOKEN, NUMBER, BUSINESS = "a-token-that-opens-nothing", "700100300", "900100300"
SECRET, VERIFY = "only-meta-signs-so", "a-word-told-to-meta"
WINDOW, URL_LIFE, MEDIA_LIFE = timedelta(hours=24), timedelta(minutes=5), timedelta(days=7)
PAIR_S, BURST = 6.0, 45


@dataclass(slots=True)
class Call:
    """One call: what it asked, what it was told."""

    method: str
    path: str
    said: Json
    status: int = 0
    code: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of a message instead of an answer: an error, a page, a closed connection; done before, or not."""

    answer: Answer | None = None
    done: bool = False
    drop: bool = False


def fails(code: int, status: int = 400) -> Fault:
    return Fault(_told(Refused(code, "as you wish", status)))


def dropped(*, done: bool = True) -> Fault:
    return Fault(done=done, drop=True)


@dataclass(slots=True)
class Kept:
    """A document at Meta's."""

    content: bytes
    kind: str
    until: datetime


@dataclass(slots=True, eq=False)
class Person:
    """Somebody with WhatsApp on their phone; `phone` or `user` may be hidden from the business."""

    whatsapp: WhatsApp
    name: str
    phone: str
    user: str
    shows_phone: bool = True
    shows_user: bool = True
    heard: list[Json] = field(default_factory=list)
    window: datetime | None = None
    gone: bool = False
    away: bool = False  # the phone is off: nothing is delivered
    _seen: int = 0
    _paid: float = 0.0

    # what they see ------------------------------------------------------------------------------------------------------

    @property
    def texts(self) -> list[str]:
        return [str(message["words"]) for message in self.heard]

    async def reads(self) -> str:
        """The next message they have not read. AssertionError if none comes."""
        await self.whatsapp.bell.until(lambda: len(self.heard) > self._seen, f"{self.name} waits for a message")
        self._seen += 1
        return self.texts[self._seen - 1]

    @property
    def unread(self) -> int:
        return len(self.heard) - self._seen

    @property
    def labels(self) -> list[str]:
        return [label for message in reversed(self.heard) for label, _id in message["choices"]]

    # what they do -------------------------------------------------------------------------------------------------------

    def says(self, words: str, *, reply_to: str = "") -> Json:
        content: Json = {"type": "text", "text": {"body": words}}
        return self.sends(content | ({"context": {"from": "212536000000", "id": reply_to}} if reply_to else {}))

    def presses(self, label: str) -> Json:
        """Press the newest button, or choose the newest row, with this label (or this line below its title)."""
        for message in reversed(self.heard):
            for shown, id in message["choices"]:
                if label in (shown, message["details"].get(id)):
                    return self.chooses(message, shown, id)
        raise AssertionError(f"no button [{label}] among {self.labels[:12]}")

    def chooses(self, message: Json, label: str, id: str) -> Json:
        context = {"context": {"from": "212536000000", "id": message["id"]}}
        if message["type"] == "template":
            return self.sends({"type": "button", "button": {"payload": id, "text": label}} | context)
        kind = "list_reply" if message["form"] == "list" else "button_reply"
        return self.sends(
            {"type": "interactive", "interactive": {"type": kind, kind: {"id": id, "title": label}}} | context
        )

    def sends_document(self, name: str, content: bytes, caption: str = "") -> Json:
        id = self.whatsapp.store(content, "application/pdf", MEDIA_LIFE)
        said = {"id": id, "filename": name, "mime_type": "application/pdf", "sha256": sha256(content).hexdigest()}
        return self.sends({"type": "document", "document": said | ({"caption": caption} if caption else {})})

    def sends_photo(self, content: bytes) -> Json:
        id = self.whatsapp.store(content, "image/jpeg", MEDIA_LIFE)
        return self.sends(
            {"type": "image", "image": {"id": id, "mime_type": "image/jpeg", "sha256": sha256(content).hexdigest()}}
        )

    def sends(self, content: Json) -> Json:
        """Anything a message may hold; it opens the window."""
        self.window = self.whatsapp.now() + WINDOW
        return self.whatsapp.happens(self, {"id": self.whatsapp.wamid("IN"), **content})

    def changes_number(self, phone: str) -> None:
        """Another number: Meta says so, and gives a new user id with it."""
        before, self.phone = self.phone, phone
        del self.whatsapp.people[before]
        self.whatsapp.people[phone] = self
        system = {"type": "user_changed_number", "body": "changed number", "wa_id": phone}
        message = {
            "from": before,
            "id": self.whatsapp.wamid("SYS"),
            "timestamp": self.whatsapp.stamp(),
            "type": "system",
            "system": system,
        }
        self.whatsapp.change({"messages": [message]})
        del self.whatsapp.people[self.user]
        self.user = f"MA.{self.whatsapp.number('user')}"
        self.whatsapp.people[self.user] = self


class WhatsApp:
    """One number's Cloud API."""

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now
        self.bell = Bell()
        self.calls: list[Call] = []
        self.people: dict[str, Person] = {}  # by number, and by user id
        self.media: dict[str, Kept] = {}
        self.urls: dict[str, tuple[str, datetime]] = {}
        self.templates: dict[tuple[str, str], Json] = {}
        self.read: list[Json] = []  # read marks
        self.approves = True  # templates at once
        self.refuses = ""  # templates in this language
        self.tells_late = False  # a closed window is told by a status, not in the answer
        self.silent = False  # no statuses
        self.elsewhere = ""  # where documents are said to lie
        self.redirects = ""  # where a download is sent on to
        self.altered = b""  # what comes instead of a document
        self.stormy: random.Random | None = None
        self.posts: list[tuple[int, Json]] = []  # webhooks: the answer's status, and what was sent
        self._faults: deque[Fault] = deque()
        self._numbers = {"person": 600_000_000, "user": 58_204_000, "wamid": 0, "media": 55_000}
        self._server = HttpServer(self._answer)
        self._pending: list[Json] = []
        self._hook: tuple[str, Poster] | None = None
        self._bringer: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    async def __aenter__(self) -> WhatsApp:
        await self._server.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._bringer is not None:
            self._bringer.cancel()
            await asyncio.gather(self._bringer, return_exceptions=True)
        if self._hook is not None:
            self._hook[1].close()
        await self._server.stop()

    @property
    def url(self) -> str:
        return f"{self._server.url}/v25.0"

    # what tests do ------------------------------------------------------------------------------------------------------

    def hook(self, url: str) -> None:
        """Bring webhooks there from now on."""
        self._hook = urlsplit(url).path, Poster(url)
        self._bringer = asyncio.create_task(self._bring())

    def person(self, name: str, *, phone: bool = True, user: bool = True) -> Person:
        """Somebody; without `phone` their number stays hidden, without `user` the webhooks are of the old kind."""
        found = Person(self, name, f"212{self.number('person')}", f"MA.{self.number('user')}", phone, user)
        self.people[found.phone] = self.people[found.user] = found
        return found

    def fail(self, fault: Fault, times: int = 1) -> None:
        """What becomes of the next messages."""
        self._faults.extend([fault] * times)

    @property
    def messages(self) -> list[Call]:
        """The messages that were asked for, read marks aside."""
        return [call for call in self.calls if call.path == f"/{NUMBER}/messages" and "status" not in call.said]

    async def quiet(self) -> None:
        """Every webhook was answered by 200."""
        await self.bell.until(lambda: not self._pending, "webhooks are answered")

    def number(self, of: str) -> int:
        self._numbers[of] += 1
        return self._numbers[of]

    def wamid(self, of: str) -> str:
        return f"wamid.{of}{self.number('wamid'):08d}"

    def stamp(self) -> str:
        return str(int(self.now().timestamp()))

    def store(self, content: bytes, kind: str, life: timedelta) -> str:
        id = str(self.number("media"))
        self.media[id] = Kept(content, kind, self.now() + life)
        return id

    # webhooks -----------------------------------------------------------------------------------------------------------

    def happens(self, person: Person, content: Json) -> Json:
        """A message of theirs, as it will be sent."""
        contact: Json = {"profile": {"name": person.name}}
        message: Json = {"timestamp": self.stamp(), **content}
        if person.shows_phone:
            contact["wa_id"] = message["from"] = person.phone
        if person.shows_user:
            contact["user_id"] = message["from_user_id"] = person.user
        self.change({"contacts": [contact], "messages": [message]})
        return message

    def change(self, value: Json, field_: str = "messages") -> None:
        """One change, to be sent."""
        metadata = {"display_phone_number": "212536000000", "phone_number_id": NUMBER}
        whole = {"messaging_product": "whatsapp", "metadata": metadata, **value} if field_ == "messages" else value
        self._pending.append({"field": field_, "value": whole})
        self._wake.set()

    def status(self, person: Person, message: Json, state: str, code: int = 0) -> None:
        """What became of a message, to be sent."""
        told: Json = {"id": message["id"], "status": state, "timestamp": self.stamp()}
        told |= {"recipient_id": person.phone} if person.shows_phone else {}
        told |= {"recipient_user_id": person.user} if person.shows_user else {}
        if mark := message["call"].get("biz_opaque_callback_data"):
            told["biz_opaque_callback_data"] = mark
        if state in ("sent", "delivered"):
            told["pricing"] = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}
        if code:
            told["errors"] = [{"code": code, "title": "as you wish", "error_data": {"details": ""}}]
        self.change({"statuses": [told]})

    async def post(
        self, changes: list[Json], *, secret: str = SECRET, raw: bytes | None = None, signature: str | None = None
    ) -> int:
        """Bring changes now; the HTTP status of the answer."""
        assert self._hook is not None
        whole = {"object": "whatsapp_business_account", "entry": [{"id": BUSINESS, "changes": changes}]}
        body = raw if raw is not None else json.dumps(whole).encode()
        signed = (
            signature if signature is not None else "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()
        )
        answer = await self._hook[1](
            self._hook[0], body, {"Content-Type": "application/json", "X-Hub-Signature-256": signed}
        )
        self.posts.append((answer.status, whole))
        return answer.status

    async def _bring(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                batch = self._pending[:1]
                sent = batch
                if self.stormy is not None:  # all that waits at once, some of it twice, in any order
                    await asyncio.sleep(0.02)
                    batch = self._pending[:100]
                    sent = [*batch, *self.stormy.sample(batch, len(batch) // 2 + 1)]
                    self.stormy.shuffle(sent)
                try:
                    status = await self.post(sent)
                except OSError:
                    status = 0
                if status == 200:
                    self._pending = self._pending[len(batch) :]
                else:
                    await asyncio.sleep(0.05)
                self.bell.ring()

    # the Cloud API ------------------------------------------------------------------------------------------------------

    async def _answer(self, request: Request) -> Answer:
        parts = urlsplit(request.path)
        if parts.path.startswith("/files/"):
            return self._download(request, parts.path.removeprefix("/files/"))
        path = parts.path.removeprefix("/v25.0")
        kind = request.headers.get("content-type", "")
        said: Json = json.loads(request.body) if request.body and kind.startswith("application/json") else {}
        call = Call(request.method, path, said)
        self.calls.append(call)
        try:
            answer = self._told_of(call, request, {name: values[0] for name, values in parse_qs(parts.query).items()})
        except Refused as why:
            call.code = why.code
            answer = _told(why)
        finally:
            self.bell.ring()
        call.status = answer.status
        return answer

    def _told_of(self, call: Call, request: Request, query: Json) -> Answer:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refused(190, "Invalid OAuth access token", 401)
        match call.method, call.path.strip("/").split("/"):
            case "POST", [number, "messages"] if number == NUMBER:
                return self._message(call.said)
            case "POST", [number, "media"] if number == NUMBER:
                return self._upload(request)
            case "GET", [number] if number == NUMBER:
                entities = [{"entity_type": "PHONE_NUMBER", "id": NUMBER}, {"entity_type": "WABA", "id": BUSINESS}]
                return _json({"id": NUMBER, "health_status": {"can_send_message": "AVAILABLE", "entities": entities}})
            case "POST", [business, "subscribed_apps"] if business == BUSINESS:
                return _json({"success": True})
            case "GET", [business, "message_templates"] if business == BUSINESS:
                return self._listed(query)
            case "POST", [business, "message_templates"] if business == BUSINESS:
                return self._create(call.said)
            case "GET", [media]:
                return self._media(media)
        raise Refused(100, "no such thing", 404)

    def _message(self, said: Json) -> Answer:
        if said.get("status") == "read":
            self.read.append(said)
            return _json({"success": True})
        fault = self._faults.popleft() if self._faults else None
        answer = Answer(0)
        if fault is None or fault.done:
            answer = self._sent(said)
        if fault is not None and fault.drop:
            raise HangUp
        return fault.answer if fault is not None and fault.answer is not None else answer

    def _sent(self, said: Json) -> Answer:
        rules.message(said)
        person = self.people.get(str(said.get("to", "")).removeprefix("+") or said.get("recipient", ""))
        if person is None:
            raise Refused(131026, "Message undeliverable")
        moment = self.now().timestamp()
        person._paid = max(person._paid, moment)
        if person._paid - moment > (BURST - 1) * PAIR_S:
            raise Refused(131056, "pair rate")
        shown = self._shown(said)
        closed = said["type"] != "template" and (person.window is None or moment >= person.window.timestamp())
        if closed and not self.tells_late:
            raise Refused(131047, "Re-engagement message")
        person._paid += PAIR_S
        message = {"id": self.wamid("OUT"), "type": said["type"], "call": said, **shown}
        if closed or person.gone:
            self.status(person, message, "failed", 131047 if closed else 131026)
        else:
            person.heard.append(message)
            for state in () if self.silent else ("sent",) if person.away else ("sent", "delivered"):
                self.status(person, message, state)
        named = {"input": said.get("to", said.get("recipient")), "wa_id": person.phone}
        return _json({"messaging_product": "whatsapp", "contacts": [named], "messages": [{"id": message["id"]}]})

    def _shown(self, said: Json) -> Json:
        """What a person sees of a call: its words, what can be chosen, and the lines below."""
        kind = said["type"]
        found: Json = {"words": "", "choices": [], "details": {}, "form": "", "file": None}
        if kind == "text":
            found["words"] = said["text"]["body"]
        elif kind == "document":
            found["words"], found["file"] = said["document"].get("caption", ""), self._owned(said["document"]["id"])
        elif kind == "interactive":
            inner = said["interactive"]
            found["words"], found["form"] = inner["body"]["text"], inner["type"]
            if "document" in inner.get("header", {}):
                found["file"] = self._owned(inner["header"]["document"]["id"])
            if inner["type"] == "button":
                found["choices"] = [(b["reply"]["title"], b["reply"]["id"]) for b in inner["action"]["buttons"]]
            elif inner["type"] == "list":
                rows = [row for section in inner["action"]["sections"] for row in section["rows"]]
                found["choices"] = [(row["title"], row["id"]) for row in rows]
                found["details"] = {row["id"]: row["description"] for row in rows if "description" in row}
        elif kind == "template":
            template = self.templates.get((said["template"]["name"], said["template"]["language"]["code"]))
            if template is None or template["status"] in ("PENDING", "REJECTED"):
                raise Refused(132001, "template does not exist in this language")
            if template["status"] == "PAUSED":
                raise Refused(132015, "template is paused")
            found["words"] = rules.filled(template, said["template"])
            payloads = [
                one["parameters"][0]["payload"]
                for one in said["template"].get("components", [])
                if one["type"].lower() == "button"
            ]
            found["choices"] = list(zip(rules.labels_of(template), payloads, strict=True))
        return found

    def _owned(self, id: str) -> bytes:
        if id not in self.media:
            raise Refused(131009, "no such media")
        return self.media[id].content

    def _upload(self, request: Request) -> Answer:
        edge = request.headers["content-type"].partition("boundary=")[2]
        parts = request.body.split(f"--{edge}".encode())
        file = next(part for part in parts if b'name="file"' in part)
        head, _blank, content = file.partition(b"\r\n\r\n")
        kind = head.decode().partition("Content-Type: ")[2].strip()
        if any(b'name="messaging_product"' in part for part in parts) is False:
            raise Refused(100, "messaging_product")
        if kind not in ("application/pdf", "text/plain", "image/jpeg", "image/png") and "openxml" not in kind:
            raise Refused(131053, f"type {kind}")
        return _json({"id": self.store(content.removesuffix(b"\r\n"), kind, timedelta(days=30))})

    def _media(self, id: str) -> Answer:
        kept = self.media.get(id)
        if kept is None or kept.until <= self.now():
            raise Refused(100, "no such media")
        key = f"{id}-{self.number('wamid')}"
        self.urls[key] = id, self.now() + URL_LIFE
        url = self.elsewhere or f"{self._server.url}/files/{key}"
        digest = sha256(kept.content).hexdigest()
        return _json(
            {
                "messaging_product": "whatsapp",
                "url": url,
                "mime_type": kept.kind,
                "sha256": digest,
                "file_size": len(kept.content),
                "id": id,
            }
        )

    def _download(self, request: Request, key: str) -> Answer:
        id, until = self.urls.get(key, ("", self.now()))
        allowed = request.headers.get("authorization") == f"Bearer {TOKEN}" and until > self.now()
        self.calls.append(Call("GET", "/files", {}, 200 if allowed else 404))
        if self.redirects:
            return Answer(302, b"", {"Location": self.redirects})
        return (
            Answer(200, self.altered or self.media[id].content, {"Content-Type": "application/octet-stream"})
            if allowed
            else Answer(404)
        )

    def _listed(self, query: Json) -> Answer:
        first, size = int(query.get("after", 0)), min(int(query.get("limit", 25)), 25)
        rows = [
            {"name": name, "language": code, "status": t["status"], "id": t["id"]}
            for (name, code), t in self.templates.items()
        ]
        page: Json = {"data": rows[first : first + size]}
        if first + size < len(rows):
            after = urlencode({"limit": size, "after": first + size})
            page["paging"] = {
                "cursors": {"after": str(first + size)},
                "next": f"{self.url}/{BUSINESS}/message_templates?{after}",
            }
        return _json(page)

    def _create(self, said: Json) -> Answer:
        rules.creation(said)
        if said["language"] == self.refuses:
            raise Refused(2388040, "as you wish")
        key = said["name"], said["language"]
        if key in self.templates:
            raise Refused(100, "there is content in this language already")
        status = "APPROVED" if self.approves else "PENDING"
        self.templates[key] = {**said, "status": status, "id": str(self.number("media"))}
        return _json({"id": self.templates[key]["id"], "status": status, "category": said["category"]})

    def decide(self, name: str, language: str, status: str) -> None:
        """Meta approves, rejects or pauses a template, and says so."""
        self.templates[name, language]["status"] = status
        news = {
            "event": status,
            "message_template_id": 1,
            "message_template_name": name,
            "message_template_language": language,
            "reason": None,
        }
        self.change(news, "message_template_status_update")


def _json(said: Json) -> Answer:
    return Answer(200, json.dumps(said).encode(), {"Content-Type": "application/json"})


def _told(why: Refused) -> Answer:
    return Answer(why.status, json.dumps(why.body()).encode(), {"Content-Type": "application/json"})
