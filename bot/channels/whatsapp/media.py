"""Documents people send on WhatsApp: only from Meta's own hosts, over HTTPS, with no redirect, counted while they stream."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import SplitResult, urlsplit

from pydantic_core import from_json

from bot.channels.downloads import Downloads
from bot.channels.http_client import HttpClient
from bot.documents.uploads import Refused

HOSTS = ("lookaside.fbsbx.com",)
FAMILIES = (".fbsbx.com", ".fbcdn.net", ".whatsapp.net")
_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")


def may_fetch(address: str, api: str) -> bool:
    """Whether a document may be fetched from there: a host of Meta's over HTTPS, or the very server of our API calls."""
    try:
        parts, own = urlsplit(address), urlsplit(api)
        port, own_port = _port(parts), _port(own)
    except ValueError:
        return False
    if (
        parts.username is not None
        or parts.password is not None
        or not parts.hostname
        or "\\" in address
        or any(c.isspace() for c in address)
    ):
        return False
    if (parts.scheme, parts.hostname, port) == (own.scheme, own.hostname, own_port):
        return True
    host = parts.hostname
    return parts.scheme == "https" and port == 443 and host.isascii() and (host in HOSTS or host.endswith(FAMILIES))


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a document lies for the next five minutes, and its SHA-256 as Meta writes it."""

    address: str
    digest: str


async def lookup(lean: HttpClient, id: str, largest: int) -> Found:
    """Ask for a document of so many bytes at most. Refused if it is larger, or not there; NotSent or Uncertain."""
    if not _ID.fullmatch(id):
        raise Refused("gone")
    status, raw = await lean.get(f"/{id}")
    if status != 200:
        raise Refused("gone")
    found = from_json(raw)
    if int(found.get("file_size") or 0) > largest:
        raise Refused("size")
    return Found(str(found["url"]), str(found.get("sha256", "")))


async def stream(downloads: Downloads, found: Found, api: str, token: str) -> AsyncIterator[bytes]:
    """The document's bytes. Refused if it may not be fetched, is gone, or is not what it was said to be."""
    if not may_fetch(found.address, api):
        raise Refused("gone")
    expected, seen = _digest(found.digest), sha256()
    async for chunk in downloads.stream(found.address, {"Authorization": f"Bearer {token}"}):
        seen.update(chunk)
        yield chunk
    if expected and seen.digest() != expected:
        raise Refused("gone")


def _digest(said: str) -> bytes:
    """A SHA-256 as Meta writes it, in hexadecimal or base64; nothing if it is neither."""
    try:
        found = bytes.fromhex(said) if len(said) == 64 else base64.b64decode(said, validate=True)
    except (ValueError, binascii.Error):
        return b""
    return found if len(found) == 32 else b""
