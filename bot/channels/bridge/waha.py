"""WAHA's dialect: its webhooks and its HTTP API (engines WEBJS, WPP, NOWEB, GOWS; read in its documentation of 2026)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic_core import to_json

from bot.channels.base import Later, Outcome
from bot.channels.bridge.channel import Call, Event, Media, Said, Session, Ticks, kind_of, moment, whom
from handlers.talk.message import Kind

_TICKS = {-1: "failed", 1: "sent", 2: "delivered", 3: "read", 4: "read"}
_FILES = "/api/files/"


class Waha:
    """One session of a WAHA server."""

    name = "waha"

    def __init__(self, key: str, session: str, secret: str) -> None:
        self.headers: Mapping[str, str] = {"X-Api-Key": key}
        self.look = f"/api/sessions/{quote(session, safe='')}"
        self._session = session
        self._secret = secret.encode()

    # what it tells us -------------------------------------------------------------------------------------------------

    def proven(self, raw: bytes, headers: Mapping[bytes, bytes]) -> bool:
        if headers.get(b"x-webhook-hmac-algorithm", b"sha512").lower() != b"sha512":
            return False
        return hmac.compare_digest(
            headers.get(b"x-webhook-hmac", b"").lower(), hmac.new(self._secret, raw, "sha512").hexdigest().encode()
        )

    def read(self, payload: Mapping[str, Any], now: datetime) -> Event | None:
        if payload["session"] != self._session:
            return None
        said = payload["payload"]
        match payload["event"]:
            case "message" | "message.any":
                return _message(said, now)
            case "message.edited":
                return _edited(said, now)
            case "message.ack":
                state = _TICKS.get(int(said["ack"]), "")
                return Ticks((bare(said["id"]),), state) if state else None
            case "session.status":
                return self.state(said)
        return None

    def state(self, answer: Any) -> Session:
        word = str(answer["status"])[:40]
        return Session(word == "WORKING", word)

    # what we tell it --------------------------------------------------------------------------------------------------

    def words(self, address: str, text: str) -> Call:
        return self._call("/api/sendText", address, text=text, reply_to=None, linkPreview=False)

    def document(self, address: str, text: str, name: str, kind: str, content: bytes) -> Call:
        file = {"mimetype": kind, "filename": name, "data": base64.b64encode(content).decode()}
        return self._call("/api/sendFile", address, caption=text, file=file)

    def sent(self, answer: Any) -> str:
        id = answer.get("id") or answer["key"]
        return bare(id if isinstance(id, str) else id.get("_serialized") or id["id"])

    def signs(self, address: str, message: str = "") -> Call:
        return self._call("/api/sendSeen" if message else "/api/startTyping", address)

    def unhide(self, lid: str) -> str:
        return f"/api/{quote(self._session, safe='')}/lids/{quote(lid, safe='')}"

    def unhidden(self, answer: Any) -> str:
        found = whom(answer.get("pn"))
        return found.phone if found is not None else ""

    def outcome(self, status: int, said: str) -> Outcome | None:
        if status == 422:
            return Later(60, "session is not working", account=True)
        if status >= 500 and "error 463" in said:  # WhatsApp restricts the number for how it behaves
            return Later(3600, "WhatsApp restricts this number (463)", account=True)
        return None

    def _call(self, path: str, address: str, **more: Any) -> Call:
        chat = address if address.endswith("@lid") else f"{address}@c.us"
        return Call(path, to_json({"session": self._session, "chatId": chat, **more}))


def bare(id: Any) -> str:
    """A message's own id without the chat it came in, which is a number at one time and a hidden one at another."""
    chat_and_id = str(id).split("_", 1)[-1] if str(id).startswith(("true_", "false_")) else str(id)
    return chat_and_id.split("_")[1] if "_" in chat_and_id else chat_and_id


def _message(said: Mapping[str, Any], now: datetime) -> Said | None:
    if said.get("fromMe"):
        return None
    inner = said.get("_data") or {}
    info, key = inner.get("Info") or {}, inner.get("key") or {}
    hidden_behind = (info.get("SenderAlt"), key.get("remoteJidAlt"), key.get("senderPn"))
    person = whom(
        said["from"], *hidden_behind, name=inner.get("pushName") or info.get("PushName") or inner.get("notifyName")
    )
    if person is None or whom(said["from"]) is None:  # a group, whoever of it wrote
        return None
    kind, media = _content(said)
    if kind is None:
        return None
    at = moment(datetime.fromtimestamp(float(said["timestamp"]), UTC), now)
    return Said(
        person,
        bare(said["id"]),
        at,
        kind,
        str(said.get("body") or ""),
        media,
        bare((said.get("replyTo") or {}).get("id") or ""),
    )


def _content(said: Mapping[str, Any]) -> tuple[Kind | None, Media | None]:
    """What kind of message it is; None for one with nothing in it, such as a notice of WhatsApp itself."""
    if said.get("hasMedia"):
        media = said.get("media") or {}
        mime = str(media.get("mimetype") or "application/octet-stream").lower()
        found = kind_of(mime)
        return found, Media(_path(media.get("url")), str(media.get("filename") or "")) if found == "file" else None
    if said.get("location"):
        return "place", None
    if said.get("vCards"):
        return "card", None
    return ("text" if said.get("body") else None), None


def _edited(said: Mapping[str, Any], now: datetime) -> Said | None:
    person = whom(said["from"])
    return Said(person, bare(said["id"]), now, "edited") if person is not None and not said.get("fromMe") else None


def _path(url: Any) -> str:
    """Where a document lies on the bridge; "" for one that lies elsewhere, or was not kept."""
    path = urlsplit(url).path if isinstance(url, str) else ""
    _before, found, rest = path.partition(_FILES)
    return f"{_FILES}{rest}" if found and rest and ".." not in path else ""
