"""Bridges of our own, for tests: a WAHA and a GOWA on a free port of this machine, and people with WhatsApp on their phones.

    async with WahaServer() as bridge:
        bridge.hook(house.url + "/waha")
        salma = bridge.person("سلمى")
        salma.says("سلام")
        assert "1. العربية" in await salma.reads()

They take only what the real ones take, and only from who holds the key; nobody can be written to who is not there. Webhooks
are signed and repeated until they are answered by 200, as WAHA does.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.telegram_hook import Bell
from tests.wire import Answer, HttpServer, Poster, Request

Json = dict[str, Any]
KEY, SECRET, SESSION = "a-key-that-opens-nothing", "only-the-bridge-signs-so", "oujda"
USER = "hub:a-word-that-opens-nothing"
TRIES = 15


@dataclass(slots=True, eq=False)
class Person:
    """Somebody with WhatsApp; their number may be hidden behind an id."""

    bridge: Server
    name: str
    phone: str
    lid: str = ""
    hides: bool = False
    heard: list[Json] = field(default_factory=list)  # id, text, file
    _seen: int = 0

    @property
    def texts(self) -> list[str]:
        return [str(message["text"]) for message in self.heard]

    async def reads(self) -> str:
        """The next message they have not read. AssertionError if none comes."""
        await self.bridge.bell.until(lambda: len(self.heard) > self._seen, f"{self.name} waits for a message")
        self._seen += 1
        return self.texts[self._seen - 1]

    @property
    def unread(self) -> int:
        return len(self.heard) - self._seen

    def says(self, text: str, *, id: str = "", chat: str = "", reply_to: str = "") -> Json:
        return self.bridge.happens(self.bridge.message(self, text, id=id, chat=chat, reply_to=reply_to))

    def sends_document(self, name: str, content: bytes, kind: str = "application/pdf", caption: str = "") -> Json:
        return self.bridge.happens(self.bridge.message(self, caption, file=(name, kind, content)))

    def ticks(self, message: Json, state: int) -> Json:
        """1 it left, 2 it arrived, 3 it was read, -1 it did not arrive."""
        return self.bridge.happens(self.bridge.ack(self, message["id"], state))


class Server:
    """What both have in common."""

    name = ""
    link = ""  # how WhatsApp's addresses of numbers end

    def __init__(self) -> None:
        self.bell = Bell()
        self.people: list[Person] = []
        self.calls: list[tuple[str, Json]] = []  # path, what was said
        self.looked: list[str] = []  # paths asked for
        self.answers: list[int] = []  # of the webhook
        self.files: dict[str, bytes] = {}
        self.faults: deque[Answer] = deque()  # instead of taking the next messages
        self.state = "WORKING"
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._number = 0
        self._hook: Poster | None = None
        self._path = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = HttpServer(self._answer)

    async def __aenter__(self) -> Any:
        await self._server.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._hook is not None:
            self._hook.close()
        await self._server.stop()

    @property
    def url(self) -> str:
        return self._server.url

    def person(self, name: str, *, hides: bool = False) -> Person:
        number = 600_000_100 + len(self.people)
        found = Person(self, name, f"212{number}", f"77{number}000@lid", hides)
        self.people.append(found)
        return found

    def hook(self, url: str) -> None:
        self._hook, self._path = Poster(url), urlsplit(url).path

    def happens(self, event: Json) -> Json:
        """Post an event until it is taken."""
        self._spawn(event)
        return event

    def _spawn(self, event: Json) -> None:
        task = asyncio.create_task(self._bring(event))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.bell.ring()

    async def _bring(self, event: Json) -> None:
        for count in range(TRIES):
            answer = await self.post(json.dumps(event).encode())
            if 200 <= answer < 300:
                return
            await asyncio.sleep(0.02 * count)

    async def post(self, raw: bytes, headers: dict[str, str] | None = None) -> int:
        """Post these very bytes, signed unless other headers are given; the status of the answer."""
        assert self._hook is not None
        given = self.signature(raw) if headers is None else headers
        try:
            status = (await self._hook(self._path, raw, {"Content-Type": "application/json"} | given)).status
        except OSError:
            status = 0
        self.answers.append(status)
        self.bell.ring()
        return status

    @property
    def quiet(self) -> bool:
        """Whether every event was taken."""
        return not self._tasks

    def id(self) -> str:
        self._number += 1
        return f"3EB0{self._number:012X}"

    def at(self, chat: str) -> Person:
        """Who is reached there. AssertionError for an address that nobody has: none may be made up."""
        found = next((one for one in self.people if chat in (f"{one.phone}@{self.link}", one.lid)), None)
        assert found is not None, f"nobody is at {chat}"
        assert chat == found.lid or not found.hides or self.tells(found), "a hidden number was guessed"
        return found

    def tells(self, person: Person) -> bool:
        """Whether the bridge itself tells the number behind the id."""
        return True

    def _arrives(self, chat: str, text: str, file: tuple[str, str, bytes] | None = None) -> str:
        id = self.id()
        self.at(chat).heard.append({"id": id, "text": text, "file": file})
        self.bell.ring()
        return id

    # what differs -----------------------------------------------------------------------------------------------------

    def signature(self, raw: bytes) -> dict[str, str]:
        raise NotImplementedError

    def message(
        self,
        person: Person,
        text: str,
        *,
        id: str = "",
        chat: str = "",
        reply_to: str = "",
        file: tuple[str, str, bytes] | None = None,
    ) -> Json:
        raise NotImplementedError

    def ack(self, person: Person, id: str, state: int) -> Json:
        raise NotImplementedError

    async def _answer(self, request: Request) -> Answer:
        raise NotImplementedError


def told(body: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


class WahaServer(Server):
    """WAHA, engine NOWEB."""

    name, link = "waha", "c.us"
    unhides = True

    def tells(self, person: Person) -> bool:
        return self.unhides

    def signature(self, raw: bytes) -> dict[str, str]:
        return {
            "X-Webhook-Hmac": hmac.new(SECRET.encode(), raw, "sha512").hexdigest(),
            "X-Webhook-Hmac-Algorithm": "sha512",
        }

    def event(self, name: str, payload: Json) -> Json:
        me = {"id": "212536000000@c.us", "pushName": "Mouwakib"}
        return {
            "id": f"evt_{self.id()}",
            "timestamp": 1795430400123,
            "event": name,
            "session": SESSION,
            "me": me,
            "engine": "NOWEB",
            "payload": payload,
        }

    def message(
        self,
        person: Person,
        text: str,
        *,
        id: str = "",
        chat: str = "",
        reply_to: str = "",
        file: tuple[str, str, bytes] | None = None,
    ) -> Json:
        sender = chat or (person.lid if person.hides else f"{person.phone}@c.us")
        payload: Json = {
            "id": f"false_{sender}_{id or self.id()}",
            "timestamp": int(self.now().timestamp()),
            "from": sender,
            "fromMe": False,
            "to": "212536000000@c.us",
            "body": text,
            "hasMedia": file is not None,
            "ack": 1,
            "source": "app",
            "_data": {"pushName": person.name},
        }
        if file is not None:
            path = f"/api/files/{SESSION}/{self.id()}.{file[0].rpartition('.')[2]}"
            self.files[path] = file[2]
            # WAHA names the host it believes to have
            payload["media"] = {
                "url": f"http://localhost:3000{path}",
                "mimetype": file[1],
                "filename": file[0],
                "error": None,
            }
        if reply_to:
            payload["replyTo"] = {"id": f"true_{sender}_{reply_to}", "body": "..."}
        return self.event("message", payload)

    def ack(self, person: Person, id: str, state: int) -> Json:
        names = {-1: "ERROR", 0: "PENDING", 1: "SERVER", 2: "DEVICE", 3: "READ", 4: "PLAYED"}
        payload = {
            "id": f"true_{person.lid}_{id}",
            "from": person.lid,
            "to": "212536000000@c.us",
            "fromMe": True,
            "ack": state,
            "ackName": names[state],
        }
        return self.event("message.ack", payload)

    def becomes(self, state: str) -> Json:
        self.state = state
        return self.happens(self.event("session.status", {"name": SESSION, "status": state}))

    async def _answer(self, request: Request) -> Answer:
        if request.headers.get("x-api-key") != KEY:
            return told({"message": "Unauthorized", "statusCode": 401}, 401)
        path = unquote(urlsplit(request.path).path)
        if request.method == "GET":
            return self._found(path)
        said = json.loads(request.body)
        self.calls.append((path, said))
        assert said["session"] == SESSION
        if path in ("/api/startTyping", "/api/sendSeen"):
            self.at(said["chatId"])
            return told({"result": True}, 201)
        if self.faults:
            return self.faults.popleft()
        if self.state != "WORKING":
            return told(
                {
                    "error": "Session status is not as expected. Try again later or restart the session",
                    "status": self.state,
                },
                422,
            )
        if path == "/api/sendText":
            id = self._arrives(said["chatId"], said["text"])
        elif path == "/api/sendFile":
            file = said["file"]
            id = self._arrives(
                said["chatId"],
                said["caption"],
                (file["filename"], file["mimetype"], base64.b64decode(file["data"], validate=True)),
            )
        else:
            return told({"message": f"Cannot POST {path}", "statusCode": 404}, 404)
        return told({"id": f"true_{said['chatId']}_{id}", "timestamp": 1795430400, "fromMe": True}, 201)

    def _found(self, path: str) -> Answer:
        self.looked.append(path)
        if path in self.files:
            return Answer(200, self.files[path])
        if path == f"/api/sessions/{SESSION}":
            return told({"name": SESSION, "status": self.state, "me": None})
        if found := re.fullmatch(rf"/api/{SESSION}/lids/(\d+@lid)", path):
            person = next((one for one in self.people if one.lid == found[1]), None)
            known = person is not None and self.unhides
            return told({"lid": found[1], "pn": f"{person.phone}@c.us" if known and person is not None else None})
        return told({"message": "Not Found", "statusCode": 404}, 404)


class GowaServer(Server):
    """GOWA, with its documents fetched by itself (WHATSAPP_AUTO_DOWNLOAD_MEDIA)."""

    name, link = "gowa", "s.whatsapp.net"

    def tells(self, person: Person) -> bool:
        return False

    def signature(self, raw: bytes) -> dict[str, str]:
        return {"X-Hub-Signature-256": f"sha256={hmac.new(SECRET.encode(), raw, 'sha256').hexdigest()}"}

    def event(self, name: str, payload: Json) -> Json:
        return {"event": name, "device_id": "212536000000@s.whatsapp.net", "payload": payload}

    def message(
        self,
        person: Person,
        text: str,
        *,
        id: str = "",
        chat: str = "",
        reply_to: str = "",
        file: tuple[str, str, bytes] | None = None,
    ) -> Json:
        sender = person.lid if person.hides else f"{person.phone}@s.whatsapp.net"
        payload: Json = {
            "id": id or self.id(),
            "chat_id": chat or sender,
            "from": sender,
            "from_lid": person.lid,
            "from_name": person.name,
            "timestamp": self.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
            "is_from_me": False,
        }
        if text:
            payload["body"] = text
        if file is not None:
            path = f"statics/media/{self.id()}-{file[0]}"
            self.files[f"/{path}"] = file[2]
            payload["image" if file[1].startswith("image/") else "document"] = (
                {"path": path, "caption": text} if text else path
            )
        if reply_to:
            payload |= {"replied_to_id": reply_to, "quoted_body": "..."}
        return self.event("message", payload)

    def ack(self, person: Person, id: str, state: int) -> Json:
        receipt = {2: "delivered", 3: "read"}[state]
        return self.event(
            "message.ack",
            {"ids": [id], "chat_id": person.lid, "from": person.lid, "from_lid": person.lid, "receipt_type": receipt},
        )

    async def _answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Basic {base64.b64encode(USER.encode()).decode()}":
            return Answer(401, b"Unauthorized")
        path = unquote(urlsplit(request.path).path)
        if request.method == "GET":
            if path in self.files:
                return Answer(200, self.files[path])
            known = {
                "is_connected": self.state == "WORKING",
                "is_logged_in": self.state != "LOGGED_OUT",
                "device_id": "212536000000@s.whatsapp.net",
            }
            return (
                told({"code": "SUCCESS", "results": known})
                if path == "/app/status"
                else told({"code": "NOT_FOUND"}, 404)
            )
        said, file = _parts(request)
        self.calls.append((path, said))
        if path == "/send/chat-presence" or re.fullmatch(r"/message/\w+/read", path):
            self.at(said["phone"])
            return told({"code": "SUCCESS", "results": None})
        if self.faults:
            return self.faults.popleft()
        if self.state != "WORKING":
            return told({"code": "INTERNAL_SERVER_ERROR", "message": "you are not logged in"}, 500)
        if path == "/send/message":
            id = self._arrives(said["phone"], said["message"])
        elif path == "/send/file" and file is not None:
            id = self._arrives(said["phone"], said["caption"], file)
        else:
            return told({"code": "NOT_FOUND"}, 404)
        return told({"code": "SUCCESS", "message": "Success", "results": {"message_id": id, "status": "sent"}})


def _parts(request: Request) -> tuple[Json, tuple[str, str, bytes] | None]:
    """The fields of a request, and its document, if it brings one."""
    kind = request.headers["content-type"]
    if not kind.startswith("multipart/form-data"):
        return json.loads(request.body), None
    edge = kind.partition("boundary=")[2].encode()
    said: Json = {}
    file = None
    for part in request.body.split(b"--" + edge)[1:-1]:
        head, _blank, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        names = dict(re.findall(r'(name|filename)="([^"]*)"', head.decode()))
        content = content.removesuffix(b"\r\n")
        if "filename" in names:
            file = names["filename"], head.decode().rpartition("Content-Type: ")[2].strip(), content
        else:
            said[names["name"]] = content.decode()
    return said, file
