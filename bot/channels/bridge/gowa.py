"""GOWA's dialect (go-whatsapp-web-multidevice): its webhooks and its HTTP API, after its docs/webhook-payload.md and openapi.yaml."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pydantic_core import to_json

from bot.channels.base import Gone, Later, Outcome
from bot.channels.bridge.channel import Call, Event, Media, Said, Session, Ticks, moment, whom
from bot.channels.multipart import form
from handlers.talk.message import Kind

_TICKS = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read"}
_FILES = "statics/media/"
_KINDS: dict[str, Kind] = {
    "image": "file",
    "document": "file",
    "audio": "voice",
    "sticker": "sticker",
    "location": "place",
    "live_location": "place",
    "contact": "card",
    "contacts_array": "card",
    "video": "other",
    "video_note": "other",
}


class Gowa:
    """One number of a GOWA server."""

    name = "gowa"

    def __init__(self, key: str, device: str, secret: str) -> None:
        self.headers: Mapping[str, str] = {"Authorization": f"Basic {base64.b64encode(key.encode()).decode()}"} | (
            {"X-Device-Id": device} if device else {}
        )
        self.look = "/app/status"
        self._secret = secret.encode()

    # what it tells us -------------------------------------------------------------------------------------------------

    def proven(self, raw: bytes, headers: Mapping[bytes, bytes]) -> bool:
        expected = b"sha256=" + hmac.new(self._secret, raw, "sha256").hexdigest().encode()
        return hmac.compare_digest(headers.get(b"x-hub-signature-256", b""), expected)

    def read(self, payload: Mapping[str, Any], now: datetime) -> Event | None:
        said = payload["payload"]
        match payload["event"]:
            case "message":
                return _message(said, now)
            case "message.edited":
                person = _writer(said)
                return Said(person, str(said["id"]), now, "edited") if person is not None else None
            case "message.ack":
                state = _TICKS.get(str(said["receipt_type"]).lower(), "")
                return Ticks(tuple(map(str, said["ids"])), state) if state and whom(said["from"]) else None
        return None

    def state(self, answer: Any) -> Session:
        found = answer["results"]
        if not found["is_logged_in"]:
            return Session(False, "LOGGED_OUT")
        return Session(True, "WORKING") if found["is_connected"] else Session(False, "DISCONNECTED")

    # what we tell it --------------------------------------------------------------------------------------------------

    def words(self, address: str, text: str) -> Call:
        return Call("/send/message", to_json({"phone": _jid(address), "message": text}))

    def document(self, address: str, text: str, name: str, kind: str, content: bytes) -> Call:
        content_type, body = form({"phone": _jid(address), "caption": text}, "file", name, content, kind)
        return Call("/send/file", body, content_type)

    def sent(self, answer: Any) -> str:
        return str(answer["results"]["message_id"])

    def signs(self, address: str, message: str = "") -> Call:
        if message:
            return Call(f"/message/{quote(message, safe='')}/read", to_json({"phone": _jid(address)}))
        return Call("/send/chat-presence", to_json({"phone": _jid(address), "action": "start"}))

    def unhide(self, lid: str) -> str:
        return ""  # it tells both in every message, where it knows both

    def unhidden(self, answer: Any) -> str:
        return ""

    def outcome(self, status: int, said: str) -> Outcome | None:
        if status < 500 and ("not registered" in said or "not on whatsapp" in said):
            return Gone("not on WhatsApp")
        if "not logged in" in said or "not connected" in said or "device_not_found" in said:
            return Later(60, "session is not working", account=True)
        return None


def _jid(address: str) -> str:
    return address if address.endswith("@lid") else f"{address}@s.whatsapp.net"


def _writer(said: Mapping[str, Any]) -> Any:
    """Who wrote in a talk of two; None for groups, channels, status messages and what we wrote ourselves."""
    chat = str(said.get("chat_id") or said["from"])
    if said.get("is_from_me") or whom(chat) is None:
        return None
    return whom(said["from"], said.get("from_lid"), name=said.get("from_name"))


def _message(said: Mapping[str, Any], now: datetime) -> Said | None:
    person = _writer(said)
    field = next((field for field in _KINDS if said.get(field)), "")
    if person is None or not (field or said.get("body")):  # nothing in it: a notice of WhatsApp itself
        return None
    kind: Kind = _KINDS[field] if field else "text"
    at = moment(datetime.fromisoformat(str(said["timestamp"])), now)
    media = _media(said[field]) if kind == "file" else None
    return Said(
        person, str(said["id"]), at, kind, str(said.get("body") or ""), media, str(said.get("replied_to_id") or "")
    )


def _media(given: Any) -> Media:
    """Where a document lies on the bridge: only there where it fetches documents by itself (WHATSAPP_AUTO_DOWNLOAD_MEDIA)."""
    found = given if isinstance(given, Mapping) else {"path": given}
    path = str(found.get("path") or "").lstrip("/")
    safe = path.startswith(_FILES) and ".." not in path
    return Media(f"/{quote(path)}" if safe else "", str(found.get("filename") or path.rpartition("/")[2]))
