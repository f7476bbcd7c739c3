"""The webhooks of WhatsApp's Cloud API (Graph v25, 2026), read as messages of ours. What we do not use is not read.

One POST may hold many entries, changes, messages and statuses: each is read on its own, and one that cannot be read
never keeps the others from being handled.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.log import log
from handlers.talk.message import Incoming
from handlers.talk.words import clean

CHANNEL = "whatsapp"
CONTACT = "contact"  # what the button carries that shares the person's own number

_PHONE = re.compile(r"[1-9][0-9]{5,14}")
# a business-scoped user id; its digits alone would pass for a telephone number, so it is told apart first
_USER = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_LONGEST_ID = 200

_Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
_Number = Annotated[int, Field(ge=-(2**63), lt=2**63)]
State: TypeAlias = Literal["sent", "delivered", "read", "failed"]


def is_phone(address: str) -> bool:
    """Whether an address is a telephone number in E.164, without its plus."""
    return bool(_PHONE.fullmatch(address))


def is_user(address: str) -> bool:
    """Whether an address is a business-scoped user id (`MA.58204413`)."""
    return bool(_USER.fullmatch(address))


def _is_id(id: str) -> bool:
    """Whether it may be the id of a message: no database keeps NUL or half a surrogate pair."""
    return bool(id) and id.isprintable()


class _Model(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="ignore")


class _Body(_Model):
    body: _Text = ""


class _Reply(_Model):
    id: _Text = ""
    title: _Text = ""


class _Interactive(_Model):
    type: _Text = ""
    button_reply: _Reply | None = None
    list_reply: _Reply | None = None


class _Button(_Model):
    payload: _Text = ""
    text: _Text = ""


class Media(_Model):
    """A document or a picture, to be fetched by its id within seven days."""

    id: str
    filename: _Text = ""
    caption: _Text = ""


class _Phone(_Model):
    phone: _Text = ""
    wa_id: _Text = ""


class _Card(_Model):
    phones: list[_Phone] = Field(default_factory=list)


class _Context(_Model):
    id: _Text = ""


class _System(_Model):
    type: _Text = ""
    wa_id: _Text = ""
    user_id: _Text = ""
    previous_user_id: _Text = ""


class _Message(_Model):
    id: str
    from_: _Text = Field("", alias="from")
    from_user_id: _Text = ""
    timestamp: _Number = 0
    type: _Text = ""
    group_id: _Text = ""
    text: _Body | None = None
    interactive: _Interactive | None = None
    button: _Button | None = None
    document: Media | None = None
    image: Media | None = None
    contacts: list[_Card] = Field(default_factory=list)
    context: _Context | None = None
    system: _System | None = None


class _Profile(_Model):
    name: _Text = ""


class _Contact(_Model):
    wa_id: _Text = ""
    user_id: _Text = ""
    profile: _Profile = Field(default_factory=_Profile)


class _Detail(_Model):
    code: int = -1


class _Pricing(_Model):
    billable: bool = False
    category: _Text = ""


class _Status(_Model):
    id: str
    status: str
    biz_opaque_callback_data: _Text = ""
    recipient_id: _Text = ""
    recipient_user_id: _Text = ""
    errors: list[_Detail] = Field(default_factory=list)
    pricing: _Pricing | None = None


class _TemplateNews(_Model):
    event: _Text = ""
    message_template_name: str
    message_template_language: _Text = ""


class _Preference(_Model):
    wa_id: _Text = ""
    user_id: _Text = ""
    category: _Text = ""
    value: _Text = ""
    timestamp: _Number = 0


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a webhook is about: the phone number and the business-scoped id, at least one of them."""

    phone: str
    user: str
    name: str = ""

    @property
    def key(self) -> str:
        return self.user or self.phone


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a person. Its `incoming` has no address yet: who they are to us is another's business."""

    sender: Sender
    at: datetime
    incoming: Incoming | None  # None: it wants no answer (a reaction), but it opens the window
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A person has another number, or another business-scoped id."""

    before: Sender
    after: Sender
    at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a message of ours. `letter`: the outbox's number for it, 0 if it is not said."""

    platform_id: str
    state: State
    letter: int = 0
    last: bool = True  # whether it was the last part of its letter
    code: int = 0  # of the error; -1 if it is not said
    billed: str = ""  # the category, if it costs


@dataclass(frozen=True, slots=True)
class TemplateNews:
    """A template was approved, refused, paused ..."""

    name: str
    language: str
    status: str


@dataclass(frozen=True, slots=True)
class Preference:
    """A person wants news no more, or again."""

    sender: Sender
    wanted: bool
    at: datetime


@dataclass(slots=True)
class Batch:
    """All that one POST holds."""

    said: list[Said] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    templates: list[TemplateNews] = field(default_factory=list)
    preferences: list[Preference] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)  # fields about the account that staff should look at
    poisoned: int = 0  # items nothing could be made of

    @property
    def alone(self) -> Said | None:
        """Its one message, if it holds nothing else: most are so."""
        else_ = self.moved or self.statuses or self.templates or self.preferences or self.alerts
        return self.said[0] if len(self.said) == 1 and not else_ else None


class NotAWebhook(Exception):
    """Not JSON, or not of WhatsApp's shape."""


_Of = TypeVar("_Of", bound=BaseModel)


def parse(raw: bytes, number: str, now: datetime) -> Batch:
    """What a POST holds for our number (`number` is its id). NotAWebhook."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NotAWebhook from error
    if not isinstance(found, dict) or not isinstance(found.get("entry"), list):
        raise NotAWebhook
    batch = Batch()
    for entry in _objects(batch, found, "entry"):
        for change in _objects(batch, entry, "changes"):
            value = change.get("value")
            if not isinstance(value, dict):
                batch.poisoned += 1
                continue
            metadata = value.get("metadata")
            if isinstance(metadata, dict) and str(metadata.get("phone_number_id", number)) != number:
                continue  # another number of the same account
            _change(batch, str(change.get("field", "")), value, now)
    if batch.poisoned:
        log.warning("items of a webhook not understood", channel=CHANNEL, items=batch.poisoned)
    return batch


def _objects(batch: Batch, of: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    found = of.get(name)
    if found is None:
        return
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            yield one
        else:
            batch.poisoned += 1


def _change(batch: Batch, field_: str, value: dict[str, Any], now: datetime) -> None:
    match field_:
        case "messages":
            contacts = [c for raw in _objects(batch, value, "contacts") if (c := _model(_Contact, raw)) is not None]
            for raw in _objects(batch, value, "messages"):
                _message(batch, raw, contacts, now)
            for raw in _objects(batch, value, "statuses"):
                if (status := _status(raw)) is not None:
                    batch.statuses.append(status)
                elif not isinstance(raw.get("status"), str):
                    batch.poisoned += 1
        case "message_template_status_update":
            if (news := _model(_TemplateNews, value)) is None:
                batch.poisoned += 1
            else:
                batch.templates.append(
                    TemplateNews(news.message_template_name, news.message_template_language, news.event.upper())
                )
        case "user_preferences":
            for raw in _objects(batch, value, "user_preferences"):
                wish = _model(_Preference, raw)
                if (
                    wish is not None
                    and wish.category == "marketing_messages"
                    and (who := _sender(wish.wa_id, wish.user_id, [])) is not None
                ):
                    batch.preferences.append(Preference(who, wish.value == "resume", _moment(wish.timestamp, now)))
        case _:
            batch.alerts.append(field_[:40])


def _model(model: type[_Of], raw: Mapping[str, Any]) -> _Of | None:
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None


# messages -----------------------------------------------------------------------------------------------------------


def _message(batch: Batch, raw: Mapping[str, Any], contacts: list[_Contact], now: datetime) -> None:
    message = _model(_Message, raw)
    if message is None:  # of one whose content we cannot read only the number and the writer: they are told so
        gist = {name: raw[name] for name in ("id", "from", "from_user_id", "timestamp") if name in raw}
        message = _model(_Message, gist)
    if message is None or not _is_id(message.id):
        batch.poisoned += 1
        return
    if message.type == "system":
        _moved(batch, message, now)
        return
    sender = _sender(message.from_, message.from_user_id, contacts)
    if sender is None:
        batch.poisoned += 1
    elif not message.group_id:
        batch.said.append(_said(message, sender, now))


def _sender(phone: str, user: str, contacts: list[_Contact]) -> Sender | None:
    """Who wrote; None if neither way to name them is one. What looks like a user id is never made into a number."""
    phone = phone.removeprefix("+")
    if is_user(phone):
        phone, user = "", user or phone
    phone, user = phone if is_phone(phone) else "", user if is_user(user) else ""
    known = next((c for c in contacts if (user and c.user_id == user) or (phone and c.wa_id == phone)), None)
    if (
        known is None
        and len(contacts) == 1
        and not (phone and contacts[0].wa_id)
        and not (user and contacts[0].user_id)
    ):
        known = contacts[0]
    if known is not None:
        phone = phone or (known.wa_id if is_phone(known.wa_id) else "")
        user = user or (known.user_id if is_user(known.user_id) else "")
    return Sender(phone, user, clean(known.profile.name)[:80] if known is not None else "") if phone or user else None


def _moved(batch: Batch, message: _Message, now: datetime) -> None:
    system = message.system
    if system is None:
        return
    before = _sender(message.from_, system.previous_user_id or message.from_user_id, [])
    after = _sender(system.wa_id, system.user_id, [])
    if system.type in ("user_changed_number", "user_changed_user_id") and before is not None and after is not None:
        batch.moved.append(Moved(before, after, _moment(message.timestamp, now)))


def _said(message: _Message, sender: Sender, now: datetime) -> Said:
    id = message.id if len(message.id) <= _LONGEST_ID else sha256(message.id.encode()).hexdigest()
    reply_to = message.context.id if message.context is not None and _is_id(message.context.id) else ""
    said = Incoming(CHANNEL, "", id, _moment(message.timestamp, now), name=sender.name, reply_to=reply_to[:_LONGEST_ID])
    match message.type:
        case "text" if message.text is not None and message.text.body.strip():
            return Said(sender, said.at, replace(said, text=message.text.body))
        case "interactive" if message.interactive is not None and (
            reply := message.interactive.button_reply or message.interactive.list_reply
        ):
            return Said(sender, said.at, _pressed(said, sender, reply.id, reply.title))
        case "button" if message.button is not None:
            return Said(sender, said.at, _pressed(said, sender, message.button.payload, message.button.text))
        case "document" | "image" if (media := message.document or message.image) is not None:
            return Said(sender, said.at, replace(said, kind="file", text=media.caption), media)
        case "contacts":
            return Said(sender, said.at, _card(said, sender, message.contacts))
        case "reaction" | "revoke":
            return Said(sender, said.at, None)
        case "request_welcome":
            return Said(sender, said.at, replace(said, text="/start"))
    return Said(sender, said.at, replace(said, kind=_KINDS.get(message.type, "other")))


_KINDS: dict[str, Any] = {"audio": "voice", "sticker": "sticker", "location": "place", "edit": "edited"}


def _pressed(said: Incoming, sender: Sender, carries: str, label: str) -> Incoming:
    """A button; `context` says only which message it stood under, so it answers no message of a founder."""
    said = replace(said, reply_to="")
    if carries == CONTACT and sender.phone:
        return replace(said, kind="contact", text=f"+{sender.phone}")
    return replace(said, kind="press", text=label, press=carries or "?")


def _card(said: Incoming, sender: Sender, cards: list[_Card]) -> Incoming:
    numbers = {"".join(filter(str.isdigit, phone.wa_id or phone.phone)) for card in cards for phone in card.phones}
    own = len(cards) == 1 and sender.phone in numbers and sender.phone
    return replace(said, kind="contact", text=f"+{sender.phone}") if own else replace(said, kind="card")


def _moment(seconds: int, now: datetime) -> datetime:
    """When it was sent; never later than now, whatever the webhook says."""
    return min(datetime.fromtimestamp(seconds, UTC), now) if 0 < seconds < 2**33 else now


# statuses -----------------------------------------------------------------------------------------------------------

_STATES: dict[str, State] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}
_MARK = re.compile(r"([0-9]{1,18})\.([0-9]{1,4})\.([0-9]{1,4})")


def mark(letter: int, part: int, parts: int) -> str:
    """What a message of ours carries, to come back in each of its statuses."""
    return f"{letter}.{part}.{parts}"


def _status(raw: Mapping[str, Any]) -> Status | None:
    found = _model(_Status, raw)
    if found is None or found.status not in _STATES or not _is_id(found.id):
        return None
    own = _MARK.fullmatch(found.biz_opaque_callback_data)
    return Status(
        found.id[:_LONGEST_ID],
        _STATES[found.status],
        int(own[1]) if own else 0,
        own is None or own[2] == own[3],
        (found.errors[0].code if found.errors else -1) if found.status == "failed" else 0,
        found.pricing.category if found.pricing is not None and found.pricing.billable else "",
    )
