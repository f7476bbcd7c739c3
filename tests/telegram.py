"""A Telegram of our own, for tests: the Bot API for one bot on a free port of this machine, and people with phones.

    async with Telegram() as telegram:
        salma = telegram.person("سلمى", language="ar")
        salma.says("/start")
        salma.presses("العربية")
        assert "مرحبا" in (await salma.reads())["text"]

It is strict (`tests.telegram_rules`), keeps Telegram's promises about order and repetition and no others
(`tests.telegram_hook`), and misbehaves on demand: `telegram.fail("sendMessage", too_many(3))`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from tests import telegram_rules as rules
from tests.telegram_hook import DAY, PRESS, Bell, Hook, Updates, Waiting
from tests.telegram_people import Group, Person
from tests.telegram_rules import Json, Parameters, Refused, bad
from tests.wire import Answer, HangUp, HttpServer, Request

TOKEN = "700100200:a-token-that-opens-nothing"
POLL_S = 50  # a long poll ends after that, whatever it asked for
QUEUES = {"callback_query": "press", "my_chat_member": "member"}  # messages have their own


@dataclass(slots=True)
class Call:
    """One call of the bot: what it said, what it was told."""

    at: float  # monotonic seconds
    method: str
    said: Json
    by: str = "api"  # or "webhook": in the answer to an update
    status: int = 0  # 0 until it is answered
    told: str = ""  # the error's words


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of a call instead of an answer."""

    answer: Answer | None = None
    done: bool = False  # whether the call was carried out before
    held: asyncio.Event | None = None  # nothing is answered before this
    drop: bool = False  # the connection is closed, with no answer


def too_many(seconds: int) -> Fault:
    """Not done; come back later. In the body and in the header."""
    refused = Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
    return Fault(
        Answer(
            429, json.dumps(refused.body()).encode(), {"Content-Type": "application/json", "Retry-After": str(seconds)}
        )
    )


def refused(code: int, said: str, **parameters: int) -> Fault:
    return Fault(_told(Refused(code, said, **parameters)))


def page(status: int) -> Fault:
    """A page of somebody else's, such as a proxy."""
    return Fault(Answer(status, b"<html><h1>Nothing to see here</h1></html>", {"Content-Type": "text/html"}))


def garbled(status: int = 200) -> Fault:
    """Done, but the answer is half an answer."""
    return Fault(Answer(status, b'{"ok": true, "result": {"mess', {"Content-Type": "application/json"}), done=True)


def held(until: asyncio.Event, *, done: bool = True) -> Fault:
    """Slow: answered when the event says so, which may be never."""
    return Fault(done=done, held=until)


def dropped(*, done: bool = True) -> Fault:
    """Done, and the connection closed instead of answered: nobody can know."""
    return Fault(done=done, drop=True)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file on Telegram's side; one of 2 GB need not have its bytes."""

    content: bytes
    size: int
    path: str


class Telegram:
    """One bot's Telegram."""

    def __init__(
        self, token: str = TOKEN, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), hurry: float = 0.01
    ) -> None:
        self.token = token
        self.now = now
        self.hurry = hurry
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Mouwakib",
            "username": "mouwakib_test_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }
        self.bell = Bell()
        self.calls: list[Call] = []
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self.files: dict[str, Stored] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.spinning: dict[str, datetime] = {}  # presses nobody has answered, and when they were made
        self.updates = Updates(lambda: self.now())
        self.hook: Hook | None = None
        self.whenever: Callable[[Call], Fault | None] = lambda call: None  # a fault for whatever call it likes
        self._faults: dict[str, deque[Fault]] = {}
        self._allowed = set(rules.KINDS - rules.UNASKED)
        self._poll: object = None  # the newest long poll
        self._numbers = {
            "person": 5_880_000_000,
            "group": 0,
            "message": 800,
            "update": 730_000_000,
            "press": 0,
            "file": 0,
            "album": 0,
        }
        self._server = HttpServer(self._answer)
        self._methods: dict[str, Callable[[Parameters], Awaitable[Any]]] = {
            "getme": self._get_me,
            "setmycommands": self._set_my_commands,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "getupdates": self._get_updates,
            "sendmessage": self._send_message,
            "senddocument": self._send_document,
            "sendphoto": self._send_photo,
            "answercallbackquery": self._answer_callback_query,
            "getfile": self._get_file,
        }

    async def __aenter__(self) -> Telegram:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        """Out of reach: connections refused; what is queued stays. The webhook rests."""
        if self.hook is not None:
            await self.hook.take_down()
        await self._server.stop()

    @property
    def url(self) -> str:
        return self._server.url

    # what tests do ------------------------------------------------------------------------------------------------------

    def person(self, name: str, *, language: str = "fr") -> Person:
        """Somebody with Telegram on their phone, who has not met the bot yet."""
        found = Person(self, self.number("person"), name, language)
        self.people[found.id] = found
        return found

    def group(self, title: str) -> Group:
        """A group the bot was added to."""
        found = Group(-1_002_200_000_000 - self.number("group"), title)
        self.groups[found.id] = found
        return found

    def fail(self, method: str, fault: Fault, times: int = 1) -> None:
        """What becomes of the next calls of a method."""
        self._faults.setdefault(method.lower(), deque()).extend([fault] * times)

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method.lower() == method.lower()]

    @property
    def delivered(self) -> bool:
        """Whether every update was confirmed."""
        return not len(self.updates)

    # what people's phones do --------------------------------------------------------------------------------------------

    def number(self, of: str) -> int:
        self._numbers[of] += 1
        return self._numbers[of]

    def store(self, content: bytes, ending: str, size: int | None = None) -> str:
        """The id of a new file."""
        number = self.number("file")
        self.files[f"file-{number}"] = Stored(
            content, len(content) if size is None else size, f"documents/file_{number}{ending}"
        )
        return f"file-{number}"

    def happens(self, kind: str, content: Json, whose: int) -> Json:
        """An update of this kind, queued if the bot asked for such; as it will be sent."""
        update = {"update_id": self.number("update"), kind: content}
        if kind in self._allowed:
            life = PRESS if kind == "callback_query" else DAY
            self.updates.add(Waiting(update, (QUEUES.get(kind, "message"), whose), self.now() + life))
            if self.hook is not None:
                self.hook.wake()
        self.bell.ring()
        return update

    # the Bot API --------------------------------------------------------------------------------------------------------

    async def _answer(self, request: Request) -> Answer:
        parts = unquote(urlsplit(request.path).path).split("/")
        if len(parts) >= 3 and parts[1] == "file":
            return self._download(parts[2], "/".join(parts[3:]))
        if len(parts) != 3 or not parts[1].startswith("bot"):
            return _told(Refused(404, "Not Found"))
        try:
            self._check_token(parts[1].removeprefix("bot"))
            if parts[2].lower() not in self._methods:
                raise Refused(404, "Not Found: method not found")
            said = rules.parameters(parts[2], request)
        except Refused as why:
            return _told(why)
        return await self._called(Call(time.monotonic(), parts[2], said.given), said)

    async def _called(self, call: Call, said: Parameters) -> Answer:
        self.calls.append(call)
        faults = self._faults.get(call.method.lower())
        fault = faults.popleft() if faults else self.whenever(call)
        try:
            answer = Answer(0)
            if fault is None or fault.done:
                answer = await self._carried_out(call, said)
            if fault is not None:
                if fault.held is not None:
                    self.bell.ring()
                    await fault.held.wait()
                if fault.drop:
                    raise HangUp
                answer = fault.answer or answer
            call.status = answer.status
            return answer
        finally:
            self.bell.ring()

    async def _carried_out(self, call: Call, said: Parameters) -> Answer:
        try:
            result = await self._methods[call.method.lower()](said)
        except Refused as why:
            call.told = why.said
            return _told(why)
        return Answer(200, json.dumps({"ok": True, "result": result}).encode(), {"Content-Type": "application/json"})

    def _check_token(self, token: str) -> None:
        if token == self.token:
            return
        number, colon, rest = token.partition(":")
        raise Refused(401, "Unauthorized") if number.isdecimal() and colon and rest else Refused(404, "Not Found")

    def _download(self, token: str, path: str) -> Answer:
        try:
            self._check_token(token.removeprefix("bot"))
        except Refused as why:
            return _told(why)
        call = Call(time.monotonic(), "download", {"path": path})
        self.calls.append(call)
        stored = next(
            (stored for stored in self.files.values() if stored.path == path and stored.size <= rules.DOWNLOAD), None
        )
        answer = (
            _told(Refused(404, "Not Found"))
            if stored is None
            else Answer(200, stored.content, {"Content-Type": "application/octet-stream"})
        )
        call.status = answer.status
        return answer

    async def _get_me(self, said: Parameters) -> Json:
        return self.bot

    async def _set_my_commands(self, said: Parameters) -> bool:
        scope, language, listed = rules.commands(said)
        self.commands[scope, language] = listed
        return True

    # how updates go out -------------------------------------------------------------------------------------------------

    async def _set_webhook(self, said: Parameters) -> bool:
        url, secret, most = rules.webhook(said)
        self._allowed = said.kinds() or self._allowed
        if said.flag("drop_pending_updates"):
            self.updates.clear()
        if self.hook is not None:
            await self.hook.take_down()
            self.hook = None
        if url:
            self.hook = Hook(url, secret, most, self.updates, self._run, self.bell, hurry=self.hurry)
            self.hook.wake()
        return True

    async def _delete_webhook(self, said: Parameters) -> bool:
        return await self._set_webhook(Parameters("setWebhook", said.given))

    async def _get_webhook_info(self, said: Parameters) -> Json:
        hook = self.hook
        info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(self.updates)}
        if hook is not None:
            info |= {"url": hook.url, "max_connections": hook.most, "allowed_updates": sorted(self._allowed)}
            if hook.trouble:
                info |= {"last_error_date": int(hook.trouble_at), "last_error_message": hook.trouble}
        return info

    async def _run(self, answer: Answer) -> None:
        """A webhook's answer may hold one call; nobody tells the bot what became of it."""
        method = str(_object(answer.body).get("method", ""))
        if (
            not method
            or method.lower().startswith("get")
            or method.lower() in ("setwebhook", "deletewebhook", "close", "logout")
        ):
            return
        call = Call(
            time.monotonic(),
            method,
            {name: value for name, value in _object(answer.body).items() if name != "method"},
            "webhook",
        )
        self.calls.append(call)
        try:
            if method.lower() not in self._methods:
                raise Refused(404, "Not Found: method not found")
            call.status = (await self._carried_out(call, Parameters(method, call.said))).status
        except Refused as why:
            call.status, call.told = why.code, why.said

    async def _get_updates(self, said: Parameters) -> list[Json]:
        if self.hook is not None:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            )
        offset, limit, seconds = said.whole("offset"), said.whole("limit", 100), said.whole("timeout")
        if not 1 <= limit <= 100:
            raise bad("limit must be from 1 to 100 (Telegram would not notice; it is a slip of the pen)")
        self._allowed = said.kinds() or self._allowed
        mine = self._poll = object()  # whoever asked before is told that somebody else asks now
        self.bell.ring()
        self.updates.confirm_below(offset)
        self.bell.ring()
        try:
            await self.bell.until(
                lambda: self._poll is not mine or self.updates.batch(1), seconds=max(min(seconds, POLL_S), 0.001)
            )
        except AssertionError:
            return []
        if self._poll is not mine:
            raise Refused(
                409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
            )
        return self.updates.batch(limit)

    # messages -----------------------------------------------------------------------------------------------------------

    async def _send_message(self, said: Parameters) -> Json:
        chat = self._chat(said)
        text = rules.plain(said, "text")
        markup = rules.keyboard(said, private=isinstance(chat, Person))
        if not text:
            raise bad("message text is empty")
        if rules.units(text) > rules.TEXT:
            raise bad("message is too long")
        return self._shown(chat, {"text": text}, markup)

    async def _send_document(self, said: Parameters) -> Json:
        chat = self._chat(said)
        caption = rules.plain(said, "caption")
        markup = rules.keyboard(said, private=isinstance(chat, Person))
        if rules.units(caption) > rules.CAPTION:
            raise bad("message caption is too long")
        given = said.text("document")
        if given and not given.startswith("attach://"):
            if given not in self.files:
                raise bad("wrong file identifier/HTTP URL specified")
            name, id = "document", given
        else:
            part = given.removeprefix("attach://") or "document"
            if part not in said.files:
                raise bad("there is no document in the request")
            name, content = said.files[part]
            if not content:
                raise bad("file must be non-empty")
            if len(content) > rules.UPLOAD:
                raise Refused(413, "Request Entity Too Large")
            id = self.store(content, f".{name.rpartition('.')[2]}")
        document = {
            "file_id": id,
            "file_unique_id": f"unique-{id}",
            "file_name": name,
            "file_size": self.files[id].size,
        }
        return self._shown(chat, {"document": document} | ({"caption": caption} if caption else {}), markup)

    def _chat(self, said: Parameters) -> Person | Group:
        if said.given.get("chat_id") in (None, ""):
            raise bad("chat_id is empty")
        id = said.whole("chat_id")
        person = self.people.get(id)
        if person is None and id in self.groups:
            return self.groups[id]
        if person is None or not person.started:
            raise bad("chat not found")
        if person.deleted:
            raise Refused(403, "Forbidden: user is deactivated")
        if person.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return person

    async def _send_photo(self, said: Parameters) -> Json:
        chat, caption = self._chat(said), rules.plain(said, "caption")
        markup = rules.keyboard(said, private=isinstance(chat, Person))
        if rules.units(caption) > rules.CAPTION:
            raise bad("message caption is too long")
        name, content = said.files[(said.text("photo") or "").removeprefix("attach://") or "photo"]
        if len(content) > rules.PHOTO:
            raise bad("PHOTO_INVALID_DIMENSIONS")
        id = self.store(content, f".{name.rpartition('.')[2]}")
        sizes = [
            {"file_id": id, "file_unique_id": f"unique-{id}", "width": 800, "height": 400, "file_size": len(content)}
        ]
        return self._shown(chat, {"photo": sizes} | ({"caption": caption} if caption else {}), markup)

    def _shown(self, chat: Person | Group, content: Json, markup: Json | None) -> Json:
        """The message in the chat, as the bot is told of it: inline keyboards are part of it, others are not."""
        stamp = int(self.now().timestamp())
        message: Json = {
            "message_id": self.number("message"),
            "from": self.bot,
            "chat": chat.as_chat,
            "date": stamp,
            **content,
        }
        if markup is not None and "inline_keyboard" in markup:
            message["reply_markup"] = {"inline_keyboard": markup["inline_keyboard"]}
        chat.hears(message, markup)
        return message

    async def _answer_callback_query(self, said: Parameters) -> bool:
        if len(said.text("text")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        made = self.spinning.pop(said.text("callback_query_id"), None)
        if made is None or self.now() - made > timedelta(seconds=150):
            raise bad("query is too old and response timeout expired or query ID is invalid")
        return True

    async def _get_file(self, said: Parameters) -> Json:
        id = said.text("file_id")
        stored = self.files.get(id)
        if stored is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if stored.size > rules.DOWNLOAD:
            raise bad("file is too big")
        return {"file_id": id, "file_unique_id": f"unique-{id}", "file_size": stored.size, "file_path": stored.path}


def _told(why: Refused) -> Answer:
    return Answer(why.code, json.dumps(why.body()).encode(), {"Content-Type": "application/json"})


def _object(raw: bytes) -> Json:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
