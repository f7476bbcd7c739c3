"""Telegram: our messages as its calls, the outcomes of its answers, and the two ways its updates come.

Limits (Bot API 10.1, June 2026): text 1-4096 characters, captions 1024, callback_data 64 bytes, about 100 inline
buttons, 8 in a row.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import quote

from pydantic_core import from_json, to_json

from bot.channels.base import Body, Doubt, Fetch, Gone, Later, Never, Outcome, Part, Sent, Told
from bot.channels.downloads import Downloads
from bot.channels.fit import Limits, fit, units
from bot.channels.http_client import HttpClient, NotSent, Uncertain
from bot.channels.multipart import form
from bot.channels.telegram.rate_limit import Chats
from bot.channels.telegram.updates import ALLOWED, Named, NotAnUpdate, Update, is_service, parse, read
from bot.documents.store import FileStore
from bot.documents.uploads import Refused, Uploads
from bot.log import fault, log
from bot.webhooks import BadBody, Say, answer, answer_of, read_body, say_when
from handlers.talk.message import Incoming

LIMITS = Limits(text=4096, caption=1024, buttons=90, label=64, carries=64, length=units)
ROW = 8  # buttons beside each other
WEBHOOK_BYTES, WEBHOOK_S = 1_000_000, 10
POLL_S, FETCH_S, UPLOAD_S = 25, 45, 60
LONGEST_WAIT_S = 3600.0  # believed of a "retry after"
NAME, DESCRIPTION = 32, 256  # letters of a command


# what we send -------------------------------------------------------------------------------------------------------


def call(address: str, part: Part) -> dict[str, Any]:
    """The parameters of `sendMessage` for one part: plain text, so that nothing a founder typed is ever markup."""
    body: dict[str, Any] = {
        "chat_id": int(address),
        "text": part["text"].strip() or "…",
        "link_preview_options": {"is_disabled": True},
    }
    if markup := _markup(part):
        body["reply_markup"] = markup
    return body


def _markup(part: Part) -> dict[str, Any] | None:
    buttons = part.get("buttons", ())
    if "contact" in part:
        rows = [
            [{"text": part["contact"], "request_contact": True}],
            *([{"text": button["label"]}] for button in buttons),
        ]
        return {"keyboard": rows, "one_time_keyboard": True, "resize_keyboard": True}
    return {"inline_keyboard": keyboard(buttons)} if buttons else None


def keyboard(buttons: Sequence[Mapping[str, Any]]) -> list[list[dict[str, str]]]:
    """Rows of buttons: short ones share a row, back and skip stand together below."""
    keys = [
        {"text": b["label"], "url": b["link"]} if "link" in b else {"text": b["label"], "callback_data": b["carries"]}
        for b in buttons
    ]
    main = [key for key, button in zip(keys, buttons, strict=True) if not button.get("aside")]
    aside = [key for key, button in zip(keys, buttons, strict=True) if button.get("aside")]
    together = len(main) <= 3 and all(len(key["text"]) <= 12 for key in main)
    wide = 3 if together else 2 if len(main) > 8 else 1
    return [
        *(main[at : at + wide] for at in range(0, len(main), wide)),
        *(aside[at : at + ROW] for at in range(0, len(aside), ROW)),
    ]


def outcome(status: int, raw: bytes, address: str) -> Outcome:
    """What Telegram's answer means for the message."""
    try:
        answer = from_json(raw)
        if status == 200 and answer["ok"]:
            return Sent(f"{address}:{answer['result']['message_id']}")
        code, said = int(answer["error_code"]), str(answer.get("description", ""))
        wait = (answer.get("parameters") or {}).get("retry_after")
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        if status == 200:
            return Doubt("unreadable answer")
        if status in (413, 429) or status >= 500:
            return _by_code(status, "", None)
        return Later(30, f"{status} from somebody between us and Telegram", account=True)
    return _by_code(code, said.lower(), wait if isinstance(wait, int) else None)


def _by_code(code: int, said: str, wait: int | None) -> Outcome:
    if code == 429:
        return Later(min(max(wait or 5, 1), LONGEST_WAIT_S) + 0.1, "429", account=True)
    if code == 403:
        return Gone("blocked" if "blocked" in said else "deactivated" if "deactivated" in said else "forbidden")
    if code == 400 and ("chat not found" in said or "peer_id_invalid" in said):
        return Gone("chat not found")
    if code == 400 and "not modified" in said:
        return Sent()
    if code in (401, 404):
        log.error("Telegram refuses our token: set MOUWAKIB_TELEGRAM_TOKEN anew")
        return Later(300, "token refused", account=True)
    if code == 409 or code >= 500:
        return Later(2, str(code))
    return Never(f"{code} {_ERRORS.get(code, '')}".strip())


_ERRORS = {400: "bad request", 413: "too large"}


# the channel --------------------------------------------------------------------------------------------------------

Take: TypeAlias = Callable[[Incoming, Fetch | None], asyncio.Future[None]]


class Refusal(Exception):
    """Telegram said no to a call that is not a message; `said` in its own words."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{said} ({status})")
        self.said = said


class Telegram:
    """One bot account, by webhook or by long polling."""

    name = "telegram"
    at_once = 64

    def __init__(
        self,
        token: str,
        api: str,
        take: Take,
        *,
        webhook: str = "",
        secret: str = "",
        commands: Mapping[str, Sequence[tuple[str, str]]],
        uploads: Uploads,
        store: FileStore,
        now: Callable[[], datetime],
    ) -> None:
        self._api = api
        self._take = take
        self._webhook = webhook
        self._secret = secret.encode()
        self._commands = commands  # language -> (command, description)
        self._intake = uploads
        self._vault = store
        self._now = now
        self._lean = HttpClient(api, most=self.at_once + 2)  # one more asks for updates, one tells of presses
        self._downloads = Downloads(api)
        self._username = ""
        self._chats = Chats()
        self._groups: set[int] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._poller: asyncio.Task[Any] | None = None
        self._path = f"/bot{token}/"
        self.account = token.partition(":")[0]

    def fit(self, body: Body) -> list[Part]:
        return fit(body, LIMITS)

    async def send(self, address: str, part: Part) -> Outcome:
        if wait := self._chats.wait(address, self._now().timestamp(), reply=part.get("lane", 0) == 0):
            return Later(wait, "our pace to one chat")
        try:
            if "file" in part:
                status, raw = await self._send_file(address, part, "photo" if "picture" in part else "document")
                if status == 400 and "picture" in part:  # too large or too long for a photo of Telegram's
                    status, raw = await self._send_file(address, part, "document")
            else:
                status, raw = await self._lean.post(self._path + "sendMessage", to_json(call(address, part)))
        except NotSent as error:
            return Later(1, str(error))
        except Uncertain as error:
            return Doubt(str(error))
        except OSError:
            return Never("the file is gone")
        return outcome(status, raw, address)

    def begin(self, address: str, part: Part, told: Told) -> bool:
        """A reply in words; a chat's pace never holds one up."""
        if "file" in part or not self._lean.ready:
            return False
        self._chats.wait(address, self._now().timestamp(), reply=True)
        sent = self._lean.begin(self._path + "sendMessage", to_json(call(address, part)))

        def answered(sent: asyncio.Future[tuple[int, bytes]]) -> None:
            error = sent.exception()
            told(outcome(*sent.result(), address) if error is None else Doubt(str(error)))

        sent.add_done_callback(answered)
        return True

    async def _send_file(self, address: str, part: Part, what: str) -> tuple[int, bytes]:
        id, name, _type, _size = part["file"]
        content = await asyncio.to_thread(self._vault.path(id).read_bytes)
        fields = {"chat_id": address, "caption": part["text"].strip()}
        if markup := _markup(part):
            fields["reply_markup"] = to_json(markup).decode()
        kind, body = form({field: value for field, value in fields.items() if value}, what, name, content)
        return await self._lean.post(self._path + f"send{what.capitalize()}", body, UPLOAD_S, kind=kind)

    # receiving ------------------------------------------------------------------------------------------------------

    async def webhook(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI route Telegram posts to: 200 only when the update is durably handled, 503 if it should come again."""
        await answer(send, *await self._posted(scope, receive), kind=b"application/json")

    async def _posted(self, scope: Any, receive: Any) -> tuple[int, bytes]:
        if scope["method"] != "POST":
            return 405, b""
        head = dict(scope["headers"])
        if not self._is_telegram(head):
            return 401, b""
        try:
            raw = await read_body(scope, receive, WEBHOOK_BYTES, WEBHOOK_S)
        except BadBody as bad:
            return bad.status, b""
        return await answer_of(self.posted, raw, head)

    def posted(self, raw: bytes, head: Mapping[bytes, bytes], say: Say) -> None:
        """Take an update that was posted, and answer as above."""
        if not self._is_telegram(head):
            say(401, b"")
            return
        try:
            update = parse(raw)
        except NotAnUpdate:
            say(400, b"")
            return
        press = update.callback_query
        # the spinner on the button stops by the answer itself: nothing of it is recorded, so nothing can be lost
        said = to_json({"method": "answerCallbackQuery", "callback_query_id": press.id}) if press is not None else b""
        if (done := self._handle(update, raw)) is None:
            say(200, said)
        else:
            say_when(done, say, self.name, said)

    def _is_telegram(self, head: Mapping[bytes, bytes]) -> bool:
        given = head.get(b"x-telegram-bot-api-secret-token", b"")
        return bool(self._secret) and hmac.compare_digest(given, self._secret)

    def _handle(self, update: Update, raw: bytes | Mapping[str, Any]) -> asyncio.Future[None] | None:
        """Done when the update is durably handled; None if nothing is to be kept of it."""
        incoming = read(update, self.account, self._now())
        if incoming is None:
            self._not_private(update)
            return None
        if incoming.kind == "other" and is_service(raw):
            return None
        file = update.message.file if update.message is not None else None
        if incoming.kind != "file" or incoming.trouble or file is None:
            return self._take(incoming, None)
        return self._take(incoming, lambda: self._fetch(incoming, file))

    def _not_private(self, update: Update) -> None:
        """In a group we say once, to whoever calls us, that we only talk in private."""
        message = update.message
        if message is None or message.chat.type not in ("group", "supergroup") or message.chat.id in self._groups:
            return
        command, _at, called = message.text.partition(" ")[0].partition("@")
        if command.startswith("/") and called.lower() in ("", self._username):
            self._groups.add(message.chat.id)
            said = {"text": "Écrivez-moi en privé · المرجو مراسلتي على الخاص · Please write to me in private"}
            self._spawn(self.send(str(message.chat.id), said))

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def polling(self) -> None:
        """Ask for updates until cancelled; the offset moves on only over what is durably handled."""
        self._poller = asyncio.current_task()
        offset = 0
        while True:
            asked = to_json({"offset": offset, "timeout": POLL_S, "limit": 100, "allowed_updates": ALLOWED})
            try:
                status, raw = await self._lean.post(self._path + "getUpdates", asked, POLL_S + 15)
                answer = from_json(raw)
                if status == 200 and answer["ok"]:
                    offset, held_up = await self._polled(answer["result"], offset)
                    await asyncio.sleep(2 if held_up else 0)
                    continue
                log.error("no updates: " + _WHY.get(status, "Telegram is in trouble"), channel=self.name, status=status)
                wait = (answer.get("parameters") or {}).get("retry_after", 5)
                await asyncio.sleep(min(max(float(wait), 1), 60))
            except (NotSent, Uncertain) as error:
                log.warning("Telegram not reached", channel=self.name, **fault(error))
                await asyncio.sleep(2)
            except Exception as error:
                log.warning("updates will be asked for again", channel=self.name, **fault(error))
                await asyncio.sleep(2)

    async def _polled(self, updates: Sequence[Mapping[str, Any]], offset: int) -> tuple[int, bool]:
        """Handle a batch, each person's updates in their order: the next offset, and whether it stops short of the batch."""
        people: dict[int, list[tuple[Update, Mapping[str, Any]]]] = {}
        for raw in updates:
            with suppress(NotAnUpdate):
                update = parse(raw)
                people.setdefault(update.whose, []).append((update, raw))
        stuck = [number for number in await asyncio.gather(*map(self._in_turn, people.values())) if number is not None]
        return (
            (min(stuck), True)
            if stuck
            else (max((int(raw["update_id"]) + 1 for raw in updates), default=offset), False)
        )

    async def _in_turn(self, updates: Sequence[tuple[Update, Mapping[str, Any]]]) -> int | None:
        """Handle one person's updates; the number of the first that must come again."""
        for update, raw in updates:
            try:
                if (done := self._handle(update, raw)) is not None:
                    await done
            except Exception as error:
                log.warning("update refused for now", channel=self.name, **fault(error))
                return update.update_id
            if update.callback_query is not None:
                self._spawn(self._stop_spinner(update.callback_query.id))
        return None

    async def _stop_spinner(self, press: str) -> None:
        try:
            await self._lean.post(self._path + "answerCallbackQuery", to_json({"callback_query_id": press}))
        except (NotSent, Uncertain):
            log.info("press not answered", channel=self.name)

    # what is rare -----------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Say who we are, set commands and the way updates come. Refusal, NotSent or Uncertain."""
        me = await self._ask("getMe")
        self._username = str(me.get("username", "")).lower()
        log.info("Telegram", bot=me["id"])
        for language, listed in self._commands.items():
            commands = [{"command": name[:NAME], "description": said[:DESCRIPTION]} for name, said in listed]
            scope = {"type": "all_private_chats"}
            await self._ask("setMyCommands", commands=commands, scope=scope, language_code=language)
        if self._webhook:
            secret = self._secret.decode()
            wanted = {"allowed_updates": ALLOWED, "max_connections": 100}
            await self._ask("setWebhook", url=self._webhook, secret_token=secret, **wanted)
        else:
            await self._ask("deleteWebhook", drop_pending_updates=False)

    async def _ask(self, method: str, **said: Any) -> Any:
        """The result of a call that nobody waits for in a chat. Refusal, NotSent or Uncertain."""
        status, raw = await self._lean.post(self._path + method, to_json(said))
        try:
            answer = from_json(raw)
            if status == 200 and answer["ok"]:
                return answer["result"]
            raise Refusal(status, str(answer.get("description", "")))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refusal(status, "not an answer of Telegram's") from None

    async def close(self) -> None:
        """Ask for nothing more; what is being said is said."""
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.wait({self._poller})
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        await self._lean.close()
        await self._downloads.close()

    async def _fetch(self, incoming: Incoming, file: Named) -> Incoming:
        """The message with its document, taken in; or with the trouble that kept it out."""
        try:
            async with asyncio.timeout(FETCH_S):
                found = await self._ask("getFile", file_id=file.file_id)
                content = self._downloads.stream(f"{self._api}/file{self._path}{quote(found['file_path'])}")
                return replace(incoming, file=await self._intake.take(content, file.file_name or "photo.jpg"))
        except Refused as refused:
            return replace(incoming, trouble=refused.trouble)
        except Refusal as refusal:
            return replace(incoming, trouble="size" if "too big" in refusal.said.lower() else "gone")
        except Exception as error:
            log.warning("document not fetched", channel=self.name, **fault(error))
            return replace(incoming, trouble="gone")


_WHY = {
    401: "Telegram refuses our token: set MOUWAKIB_TELEGRAM_TOKEN anew",
    404: "Telegram refuses our token: set MOUWAKIB_TELEGRAM_TOKEN anew",
    409: "another program asks for this bot's updates: stop it, or give it a token of its own",
}
