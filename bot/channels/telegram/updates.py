"""Telegram's updates (Bot API 10.1, June 2026), read as messages of ours. What we do not use is not read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from bot.log import log
from handlers.talk.message import Incoming
from handlers.talk.words import clean

DOWNLOAD = 20 * 2**20  # bytes the Bot API gives out
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]

# what Telegram says of itself in a private chat: nobody wrote it, so nobody is answered
_SERVICE = frozenset(
    """boost_added chat_background_set chat_shared checklist_tasks_added checklist_tasks_done connected_website forum_topic_closed
    forum_topic_created forum_topic_edited forum_topic_reopened gift gift_upgrade_sent giveaway_completed giveaway_created
    managed_bot_created message_auto_delete_timer_changed paid_message_price_changed pinned_message proximity_alert_triggered
    refunded_payment successful_payment unique_gift users_shared video_chat_ended video_chat_participants_invited
    video_chat_scheduled video_chat_started web_app_data write_access_allowed""".split()  # noqa: SIM905 - one word a name reads better than thirty lines
)

_Id = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
_Count = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class _Model(msgspec.Struct, rename={"from_": "from"}):
    """What is not named is skipped; what is named must be of its type."""


class _User(_Model):
    id: _Id
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    language_code: str = ""


class _Chat(_Model):
    id: _Id
    type: str = "private"


class Named(_Model):
    """A document, or one size of a photo."""

    file_id: str
    file_size: _Count = 0
    file_name: str = ""


class _Contact(_Model):
    phone_number: str
    user_id: _Id = 0


class _Key(_Model):
    text: str = ""
    callback_data: str = ""


class _Markup(_Model):
    inline_keyboard: list[list[_Key]] = msgspec.field(default_factory=list)


class _Replied(_Model):
    message_id: _Id


class _Message(_Model):
    chat: _Chat
    message_id: _Id = 0
    date: _Count = 0
    from_: _User | None = None
    text: str = ""
    caption: str = ""
    media_group_id: str = ""
    photo: list[Named] | None = None
    document: Named | None = None
    contact: _Contact | None = None
    reply_to_message: _Replied | None = None
    reply_markup: _Markup | None = None
    voice: Any = None
    audio: Any = None
    sticker: Any = None
    animation: Any = None
    dice: Any = None
    location: Any = None

    @property
    def file(self) -> Named | None:
        """The document, or the photo in its largest size; a GIF is a sticker of sorts."""
        if self.animation is not None:
            return None
        return self.document or (self.photo[-1] if self.photo else None)


class _Press(_Model):
    id: str
    from_: _User
    data: str = ""
    message: _Message | None = None


class _Status(_Model):
    status: str


class _Member(_Model):
    chat: _Chat
    from_: _User
    new_chat_member: _Status
    date: _Count = 0


class Update(_Model):
    """One update."""

    update_id: _Count
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _Press | None = None
    my_chat_member: _Member | None = None

    @property
    def whose(self) -> int:
        """The chat or the person: updates of one are handled one after the other."""
        if self.callback_query is not None:
            return self.callback_query.from_.id
        about = self.message or self.edited_message or self.my_chat_member
        return about.chat.id if about is not None else 0


class NotAnUpdate(Exception):
    """Not JSON, or not an update: it was not Telegram, or was broken on its way."""


_decode = msgspec.json.Decoder(Update).decode


def parse(raw: bytes | Mapping[str, Any]) -> Update:
    """The update. Of one whose content we cannot read only the number and the writer: they are told so. NotAnUpdate."""
    try:
        return _decode(raw) if isinstance(raw, bytes) else msgspec.convert(raw, Update)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        where = str(error).partition(" - at ")[2]  # names of fields
    found = _loaded(raw)
    number = found.get("update_id")
    if not isinstance(number, int) or isinstance(number, bool):
        raise NotAnUpdate
    log.warning("update not understood", channel="telegram", field=where)
    gist: dict[str, Any] = {"update_id": number}
    for kind, kept in (("message", ("message_id", "date", "chat", "from")), ("callback_query", ("id", "from"))):
        if isinstance(found.get(kind), dict):
            gist[kind] = {name: found[kind][name] for name in kept if name in found[kind]}
    try:
        return _decode(json.dumps(gist, ensure_ascii=False).encode(errors="replace"))
    except (msgspec.DecodeError, RecursionError):
        return Update(update_id=number % 2**63)


def _loaded(raw: bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON object, read more patiently than msgspec does (half a surrogate pair is let pass). NotAnUpdate."""
    if not isinstance(raw, bytes):
        return raw
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NotAnUpdate from error
    if not isinstance(found, dict):
        raise NotAnUpdate
    return found


def is_service(raw: bytes | Mapping[str, Any]) -> bool:
    """Whether a message says only what Telegram itself has to say: something was pinned, paid, switched on."""
    try:
        message = _loaded(raw).get("message")
    except NotAnUpdate:  # something is broken in what we did not read
        return False
    return isinstance(message, dict) and not _SERVICE.isdisjoint(message)


def read(update: Update, bot: str, now: datetime) -> Incoming | None:
    """The update as a message of ours; None for what is not a private talk with a person. The document is fetched later."""
    id = f"{bot}:{update.update_id}"
    if update.callback_query is not None:
        return _pressed(update.callback_query, id, now)
    if update.my_chat_member is not None:
        return _moved(update.my_chat_member, id, now)
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
        return replace(said, kind="edited", album="") if said.text else None  # a live location moves every few seconds
    return _kind(said, message)


def _pressed(press: _Press, id: str, now: datetime) -> Incoming | None:
    message = press.message
    if message is not None and message.chat.type != "private":
        return None
    keys = message.reply_markup.inline_keyboard if message is not None and message.reply_markup is not None else []
    label = next((key.text for row in keys for key in row if key.callback_data == press.data), "")
    person = press.from_
    return Incoming(
        "telegram",
        str(person.id),
        id,
        now,
        "press",
        label,
        press.data or "?",
        name=_name(person),
        language=person.language_code,
    )


def _moved(member: _Member, id: str, now: datetime) -> Incoming | None:
    status = member.new_chat_member.status
    if status not in ("kicked", "member") or member.chat.type != "private":
        return None
    return Incoming(
        "telegram", str(member.chat.id), id, _moment(member.date, now), "left" if status == "kicked" else "returned"
    )


def _kind(said: Incoming, message: _Message) -> Incoming:
    if message.contact is not None:
        own = message.from_ is not None and message.contact.user_id == message.from_.id
        return (
            replace(said, kind="contact", text=message.contact.phone_number)
            if own
            else replace(said, kind="card", text="")
        )
    if message.file is not None:
        return replace(said, kind="file", trouble="size" if message.file.file_size > DOWNLOAD else "")
    for kind, things in _OTHERS.items():
        if any(getattr(message, thing) is not None for thing in things):
            return replace(said, kind=kind, text="")
    return said if message.text else replace(said, kind="other", text="")


_OTHERS: dict[Any, tuple[str, ...]] = {
    "sticker": ("sticker", "animation", "dice"),
    "voice": ("voice", "audio"),
    "place": ("location",),
}


def _name(user: _User) -> str:
    return clean(f"{user.first_name} {user.last_name}")


def _moment(seconds: int, now: datetime) -> datetime:
    """When it was sent; never later than now, whatever the update says."""
    return min(datetime.fromtimestamp(seconds, UTC), now) if 0 < seconds < 2**33 else now
