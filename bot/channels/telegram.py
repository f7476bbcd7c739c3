"""Telegram: its updates and our messages on one side, the outcomes of its answers on the other.

Limits (Bot API 10.1, June 2026): text 1-4096 characters, callback_data 64 bytes, about 100 inline buttons, downloads
of 20 MB. aiogram does what is rare (commands, webhook, files); what every turn does is a ready body over our own call.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json, to_json

from bot.channels.base import Body, Doubt, Fetch, Gone, Later, Never, Outcome, Part, Sent
from bot.channels.fit import Limits, fit
from bot.channels.lean import Lean, NotSent, Uncertain
from bot.http import BadBody, read_body
from bot.intake import Intake, Refused
from bot.log import fault, log
from bot.vault import Vault
from handlers.talk.message import Incoming

LIMITS = Limits(text=4096, buttons=90, label=64)
DOWNLOAD = 20 * 2**20  # bytes the Bot API gives out
WEBHOOK_BYTES, WEBHOOK_S = 1_000_000, 10
POLL_S = 25
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
NAME, DESCRIPTION = 32, 256  # letters of a command


# what they send -----------------------------------------------------------------------------------------------------


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _User(_Model):
    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    language_code: str = ""


class _Chat(_Model):
    id: int
    type: str = "private"


class _Named(_Model):
    file_id: str
    file_size: int = 0
    file_name: str = ""


class _Contact(_Model):
    phone_number: str
    user_id: int = 0


class _Key(_Model):
    text: str = ""
    callback_data: str = ""


class _Markup(_Model):
    inline_keyboard: list[list[_Key]] = Field(default_factory=list)


class _Replied(_Model):
    message_id: int


class _Message(_Model):
    message_id: int = 0
    date: int = 0
    chat: _Chat
    from_: _User | None = Field(None, alias="from")
    text: str = ""
    caption: str = ""
    media_group_id: str = ""
    photo: list[_Named] | None = None
    document: _Named | None = None
    contact: _Contact | None = None
    reply_to_message: _Replied | None = None
    reply_markup: _Markup | None = None
    voice: Any = None
    audio: Any = None
    video: Any = None
    video_note: Any = None
    sticker: Any = None
    animation: Any = None
    dice: Any = None
    location: Any = None


class _Press(_Model):
    id: str
    from_: _User = Field(alias="from")
    data: str = ""
    message: _Message | None = None


class _Status(_Model):
    status: str


class _Member(_Model):
    chat: _Chat
    date: int = 0
    from_: _User = Field(alias="from")
    new_chat_member: _Status


class Update(_Model):
    """One update; what we do not use is not read."""

    update_id: int
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _Press | None = None
    my_chat_member: _Member | None = None


def read(update: Update, bot: str, now: datetime) -> Incoming | None:
    """The update as a message of ours; None for what is not a private talk with a person. The document is fetched later."""
    id = f"{bot}:{update.update_id}"
    if update.callback_query is not None:
        press = update.callback_query
        keys = press.message.reply_markup.inline_keyboard if press.message and press.message.reply_markup else []
        label = next((key.text for row in keys for key in row if key.callback_data == press.data), "")
        if press.message is not None and press.message.chat.type != "private":
            return None
        return Incoming(
            "telegram", str(press.from_.id), id, now, "press", label, press.data or "?", name=_name(press.from_), language=press.from_.language_code
        )
    if update.my_chat_member is not None:
        member = update.my_chat_member
        kind = {"kicked": "left", "member": "returned"}.get(member.new_chat_member.status)
        if kind is None or member.chat.type != "private":
            return None
        return Incoming("telegram", str(member.chat.id), id, _moment(member.date, now), "left" if kind == "left" else "returned")
    message = update.message or update.edited_message
    if message is None or message.chat.type != "private" or message.from_ is None or message.from_.is_bot:
        return None
    said = Incoming(
        "telegram",
        str(message.chat.id),
        id,
        _moment(message.date, now),
        text=message.text or message.caption,
        album=message.media_group_id,
        name=_name(message.from_),
        language=message.from_.language_code,
        reply_to=f"{message.chat.id}:{message.reply_to_message.message_id}" if message.reply_to_message else "",
    )
    if update.edited_message is not None:
        return replace(said, kind="edited", album="")
    return _kind(said, message)


def _kind(said: Incoming, message: _Message) -> Incoming:
    if message.contact is not None:
        own = message.from_ is not None and message.contact.user_id == message.from_.id
        return replace(said, kind="contact", text=message.contact.phone_number) if own else replace(said, kind="card", text="")
    if message.document is not None or message.photo:
        document = message.document or (message.photo or [])[-1]
        return replace(said, kind="file", trouble="size" if document.file_size > DOWNLOAD else "")
    for kind, things in _OTHERS.items():
        if any(getattr(message, thing) is not None for thing in things):
            return replace(said, kind=kind, text="")
    return said if said.text else replace(said, kind="other")


_OTHERS: dict[Any, tuple[str, ...]] = {
    "sticker": ("sticker", "animation", "dice"),
    "voice": ("voice", "audio", "video", "video_note"),
    "place": ("location",),
}


def _name(user: _User) -> str:
    return f"{user.first_name} {user.last_name}".strip()


def _moment(seconds: int, now: datetime) -> datetime:
    """When it was sent; never later than now, whatever the update says."""
    return min(datetime.fromtimestamp(seconds, UTC), now) if 0 < seconds < 2**33 else now


# what we send -------------------------------------------------------------------------------------------------------


def call(address: str, part: Part) -> dict[str, Any]:
    """The parameters of `sendMessage` for one part: plain text, so that nothing a founder typed is ever markup."""
    body: dict[str, Any] = {"chat_id": int(address), "text": part["text"] or "…", "link_preview_options": {"is_disabled": True}}
    buttons = part.get("buttons", ())
    if "contact" in part:
        rows = [[{"text": part["contact"], "request_contact": True}], *([{"text": button["label"]}] for button in buttons)]
        body["reply_markup"] = {"keyboard": rows, "one_time_keyboard": True, "resize_keyboard": True}
    elif buttons:
        body["reply_markup"] = {"inline_keyboard": keyboard(buttons)}
    return body


def keyboard(buttons: Sequence[Mapping[str, Any]]) -> list[list[dict[str, str]]]:
    """Rows of buttons: short ones share a row, back and skip stand together below."""
    keys = [{"text": b["label"], "url": b["link"]} if "link" in b else {"text": b["label"], "callback_data": b["carries"]} for b in buttons]
    main = [key for key, button in zip(keys, buttons, strict=True) if not button.get("aside")]
    aside = [key for key, button in zip(keys, buttons, strict=True) if button.get("aside")]
    together = len(main) <= 3 and all(len(key["text"]) <= 12 for key in main)
    rows = [main] if together and main else [main[at : at + (2 if len(main) > 8 else 1)] for at in range(0, len(main), 2 if len(main) > 8 else 1)]
    return [*rows, aside] if aside else rows


def outcome(status: int, raw: bytes, address: str) -> Outcome:
    """What Telegram's answer means for the message."""
    try:
        answer = from_json(raw)
        if status == 200 and answer["ok"]:
            return Sent(f"{address}:{answer['result']['message_id']}")
        code, said = int(answer.get("error_code", status)), str(answer.get("description", ""))
        wait = (answer.get("parameters") or {}).get("retry_after")
    except (ValueError, KeyError, TypeError, AttributeError):
        return Doubt("unreadable answer") if status == 200 else _by_code(status, "", None)
    return _by_code(code, said.lower(), wait if isinstance(wait, int | float) else None)


def _by_code(code: int, said: str, wait: float | None) -> Outcome:
    if code == 429:
        return Later(float(wait or 5) + 0.1, "429", account=True)
    if code == 403:
        return Gone("blocked" if "blocked" in said else "deactivated" if "deactivated" in said else "forbidden")
    if code == 400 and "chat not found" in said:
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

Take: TypeAlias = Callable[[Incoming, Fetch | None], Awaitable[None]]


class Telegram:
    """One bot account, by webhook or by long polling."""

    name = "telegram"

    def __init__(
        self,
        token: str,
        api: str,
        take: Take,
        *,
        webhook: str = "",
        secret: str = "",
        commands: Mapping[str, Sequence[tuple[str, str]]],
        intake: Intake,
        vault: Vault,
        now: Callable[[], datetime],
    ) -> None:
        self._token = token
        self._api = api
        self._take = take
        self._webhook = webhook
        self._secret = secret.encode()
        self._commands = commands  # language -> (command, description)
        self._intake = intake
        self._vault = vault
        self._now = now
        self._lean = Lean(api)
        self._bot: Any = None  # aiogram's, once it is loaded
        self._loaded = asyncio.Event()
        self._groups: set[int] = set()
        self._path = f"/bot{token}/"
        self.account = token.partition(":")[0]

    def fit(self, body: Body) -> list[Part]:
        return fit(body, LIMITS)

    async def send(self, address: str, part: Part) -> Outcome:
        if "file" in part:
            return await self._send_file(address, part)
        try:
            status, raw = await self._lean.post(self._path + "sendMessage", to_json(call(address, part)))
        except NotSent as error:
            return Later(1, str(error))
        except Uncertain as error:
            return Doubt(str(error))
        return outcome(status, raw, address)

    # receiving ------------------------------------------------------------------------------------------------------

    async def webhook(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI route Telegram posts to: 200 only when the update is durably handled, 503 if it should come again."""
        status, body = await self._posted(scope, receive)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if status == 503:
            headers.append((b"retry-after", b"5"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _posted(self, scope: Any, receive: Any) -> tuple[int, bytes]:
        headers = dict(scope["headers"])
        given = headers.get(b"x-telegram-bot-api-secret-token", b"")
        if scope["method"] != "POST":
            return 405, b""
        if not self._secret or not hmac.compare_digest(given, self._secret):
            return 401, b""
        try:
            raw = await read_body(scope, receive, WEBHOOK_BYTES, WEBHOOK_S)
        except BadBody as bad:
            return bad.status, b""
        try:
            update = Update.model_validate_json(raw)
        except ValidationError:
            log.warning("update not understood", channel=self.name)
            return (200 if _is_update(raw) else 400), b""
        try:
            await self._handle(update)
        except Exception as error:  # the database is away, or something worse: Telegram keeps the update for us
            log.warning("update refused for now", channel=self.name, **fault(error))
            return 503, b""
        if update.callback_query is not None:
            # the spinner on the button stops by the answer itself: nothing of it is recorded, so nothing can be lost
            return 200, to_json({"method": "answerCallbackQuery", "callback_query_id": update.callback_query.id})
        return 200, b""

    async def _handle(self, update: Update) -> None:
        """Done when the update is durably handled."""
        incoming = read(update, self.account, self._now())
        if incoming is None:
            await self._not_private(update)
            return
        fetch: Fetch | None = None
        message = update.message
        if incoming.kind == "file" and not incoming.trouble and message is not None:
            document = message.document or (message.photo or [])[-1]

            async def bring() -> Incoming:
                return await self._fetch(incoming, document.file_id, document.file_name or "photo.jpg")

            fetch = bring
        await self._take(incoming, fetch)

    async def _not_private(self, update: Update) -> None:
        """In a group we say once that we only talk in private."""
        message = update.message
        if message is None or message.chat.type == "private" or not message.text.startswith("/") or message.chat.id in self._groups:
            return
        self._groups.add(message.chat.id)
        said = {"text": "Écrivez-moi en privé · المرجو مراسلتي على الخاص · Please write to me in private"}
        await self.send(str(message.chat.id), said)

    async def polling(self) -> None:
        """Ask for updates until cancelled; the offset moves on only when all that came is durably handled."""
        offset = 0
        while True:
            asked = to_json({"offset": offset, "timeout": POLL_S, "limit": 100, "allowed_updates": ALLOWED})
            try:
                status, raw = await self._lean.post(self._path + "getUpdates", asked, POLL_S + 15)
                answer = from_json(raw)
                if status != 200 or not answer.get("ok"):
                    log.warning("no updates", channel=self.name, status=status)
                    await asyncio.sleep(float((answer.get("parameters") or {}).get("retry_after", 5)))
                    continue
                updates = answer["result"]
                await asyncio.gather(*(self._polled(update) for update in updates))
                offset = max((int(update["update_id"]) for update in updates), default=offset - 1) + 1
            except (NotSent, Uncertain):
                await asyncio.sleep(2)
            except Exception as error:
                log.warning("updates will be asked for again", channel=self.name, **fault(error))
                await asyncio.sleep(2)

    async def _polled(self, raw: Any) -> None:
        try:
            update = Update.model_validate(raw)
        except ValidationError:
            log.warning("update not understood", channel=self.name)
            return
        await self._handle(update)
        if update.callback_query is not None:
            body = to_json({"callback_query_id": update.callback_query.id})
            try:
                await self._lean.post(self._path + "answerCallbackQuery", body)
            except (NotSent, Uncertain):
                log.info("callback not answered", channel=self.name)

    # what is rare: aiogram -------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Load aiogram (seconds, so in a thread), say who we are, set commands and the way updates come."""
        self._bot = await asyncio.to_thread(_aiogram_bot, self._token, self._api)
        self._loaded.set()
        from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats

        me = await self._bot.get_me()
        log.info("Telegram", bot=me.id)
        for language, listed in self._commands.items():
            commands = [BotCommand(command=name[:NAME], description=said[:DESCRIPTION]) for name, said in listed]
            await self._bot.set_my_commands(commands, scope=BotCommandScopeAllPrivateChats(), language_code=language or None)
        if self._webhook:
            await self._bot.set_webhook(self._webhook, secret_token=self._secret.decode(), allowed_updates=ALLOWED, max_connections=100)
        else:
            await self._bot.delete_webhook(drop_pending_updates=False)

    async def close(self) -> None:
        await self._lean.close()
        if self._bot is not None:
            await self._bot.session.close()

    async def _fetch(self, incoming: Incoming, file_id: str, name: str) -> Incoming:
        """The message with its document, taken in; or with the trouble that kept it out."""
        await self._loaded.wait()
        try:
            async with asyncio.timeout(45):
                file = await self._bot.get_file(file_id)
                address = self._bot.session.api.file_url(self._token, file.file_path or "")
                stream = self._bot.session.stream_content(address, timeout=40, chunk_size=65536, raise_for_status=True)
                return replace(incoming, file=await self._intake.take(stream, name))
        except Refused as refused:
            return replace(incoming, trouble=refused.trouble)
        except Exception as error:
            log.warning("document not fetched", channel=self.name, **fault(error))
            return replace(incoming, trouble="gone")

    async def _send_file(self, address: str, part: Part) -> Outcome:
        await self._loaded.wait()
        from aiogram.exceptions import TelegramAPIError, TelegramNetworkError, TelegramRetryAfter
        from aiogram.types import FSInputFile

        id, name, _type, _size = part["file"]
        try:
            document = FSInputFile(self._vault.path(id), name)
            sent = await self._bot.send_document(int(address), document, caption=part["text"][:1024] or None)
            return Sent(f"{address}:{sent.message_id}")
        except TelegramRetryAfter as error:
            return Later(error.retry_after + 0.1, "429", account=True)
        except TelegramNetworkError as error:
            return Doubt(type(error).__name__)
        except TelegramAPIError as error:
            code = {"TelegramForbiddenError": 403, "TelegramNotFound": 404, "TelegramServerError": 500}.get(type(error).__name__, 400)
            return _by_code(code, error.message.lower(), None)
        except OSError:
            return Never("the file is gone")


def _aiogram_bot(token: str, api: str) -> Any:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    return Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))


def _is_update(raw: bytes) -> bool:
    """Whether a body is JSON with an update's number: of a kind we do not know, so it need not come again."""
    try:
        found = from_json(raw)
    except ValueError:
        return False
    return isinstance(found, dict) and isinstance(found.get("update_id"), int)
