"""Calls about the WhatsApp Business account itself: which one it is, whether it may send, its templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pydantic_core import from_json, to_json

from bot.channels.http_client import HttpClient


class Refusal(Exception):
    """Meta said no to a call about the account; the message names the error's code and Meta's title for it."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"{said} ({code})")
        self.code = code


async def business(lean: HttpClient, number: str) -> str:
    """The id of the account a number belongs to. Refusal, NotSent or Uncertain, as all of these."""
    for entity in (await _health(lean, number)).get("entities", []):
        if entity.get("entity_type") == "WABA" and str(entity.get("id", "")).isalnum():
            return str(entity["id"])
    raise Refusal(0, "Meta does not say which account the number belongs to")


async def blocked(lean: HttpClient, number: str) -> bool:
    """Whether Meta lets the number send nothing at all."""
    return (await _health(lean, number)).get("can_send_message") == "BLOCKED"


async def subscribe(lean: HttpClient, business: str) -> None:
    """Have the account's webhooks sent to the app of our token."""
    await _tell(lean, f"/{business}/subscribed_apps", {})


async def templates(lean: HttpClient, business: str) -> list[dict[str, Any]]:
    """Every template of the account: name, language, status."""
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        page = _answered(*await lean.get(f"/{business}/message_templates?fields=name,language,status&limit=100{after}"))
        rows += [row for row in page.get("data", []) if {"name", "language", "status"} <= row.keys()]
        paging = page.get("paging") or {}
        if not paging.get("next") or not (cursor := (paging.get("cursors") or {}).get("after")):
            return rows
        after = f"&after={quote(str(cursor), safe='')}"


async def submit(lean: HttpClient, business: str, creation: Mapping[str, Any]) -> str:
    """Ask Meta to approve a template; the state it has then."""
    return str((await _tell(lean, f"/{business}/message_templates", creation)).get("status", "PENDING"))


async def _health(lean: HttpClient, number: str) -> dict[str, Any]:
    found = _answered(*await lean.get(f"/{number}?fields=health_status")).get("health_status")
    return found if isinstance(found, dict) else {}


async def _tell(lean: HttpClient, path: str, said: Mapping[str, Any]) -> dict[str, Any]:
    return _answered(*await lean.post(path, to_json(said)))


def _answered(status: int, raw: bytes) -> dict[str, Any]:
    try:
        found = from_json(raw)
    except ValueError:
        raise Refusal(status, "not an answer of Meta's") from None
    if status == 200 and isinstance(found, dict):
        return found
    error = found.get("error") if isinstance(found, dict) else None
    if not isinstance(error, dict):
        raise Refusal(status, "not an answer of Meta's")
    code = error.get("code")
    raise Refusal(
        code if isinstance(code, int) else status,
        str(error.get("error_user_title") or error.get("message") or "refused")[:200],
    )
