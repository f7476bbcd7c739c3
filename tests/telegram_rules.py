"""What Telegram refuses, in its words (Bot API 10.1, June 2026); read from the public documentation and its public server.

Where the real server is patient with a mistake (an unknown parameter, nine buttons in a row), this one is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from tests.wire import Request

Json: TypeAlias = dict[str, Any]

TEXT, CAPTION, RAW = 4096, 1024, 32_768  # letters, letters, bytes
BUTTONS, ROW, DATA = 100, 8, 64  # in a keyboard, beside each other, bytes of callback_data
UPLOAD, DOWNLOAD = 50 * 2**20, 20 * 2**20
PHOTO = 10 * 2**20
KINDS = frozenset(
    """message edited_message channel_post edited_channel_post business_connection business_message edited_business_message
    deleted_business_messages guest_message message_reaction message_reaction_count inline_query chosen_inline_result
    callback_query shipping_query pre_checkout_query purchased_paid_media poll poll_answer my_chat_member chat_member
    chat_join_request chat_boost removed_chat_boost managed_bot""".split()  # noqa: SIM905
)
UNASKED = frozenset(
    {"chat_member", "message_reaction", "message_reaction_count"}
)  # kinds that come only if they are named
_SCOPES = frozenset(
    """default all_private_chats all_group_chats all_chat_administrators chat chat_administrators chat_member""".split()  # noqa: SIM905
)
_ACTIONS = frozenset(
    """url callback_data web_app login_url switch_inline_query switch_inline_query_current_chat switch_inline_query_chosen_chat
    copy_text callback_game pay""".split()  # noqa: SIM905
)
_KNOWN = {
    "getme": "",
    "setmycommands": "commands scope language_code",
    "setwebhook": "url certificate ip_address max_connections allowed_updates drop_pending_updates secret_token",
    "deletewebhook": "drop_pending_updates",
    "getwebhookinfo": "",
    "getupdates": "offset limit timeout allowed_updates",
    "sendmessage": "chat_id text parse_mode entities link_preview_options disable_notification protect_content reply_parameters reply_markup",
    "sendphoto": "chat_id photo caption parse_mode caption_entities disable_notification protect_content reply_parameters reply_markup",
    "senddocument": "chat_id document caption parse_mode caption_entities disable_notification protect_content reply_parameters reply_markup",
    "answercallbackquery": "callback_query_id text show_alert url cache_time",
    "getfile": "file_id",
}


class Refused(Exception):
    """An error answer: its code, its words, its parameters (`retry_after`)."""

    def __init__(self, code: int, said: str, **parameters: int) -> None:
        super().__init__(said)
        self.code, self.said, self.parameters = code, said, parameters

    def body(self) -> Json:
        return {"ok": False, "error_code": self.code, "description": self.said} | (
            {"parameters": self.parameters} if self.parameters else {}
        )


def bad(said: str) -> Refused:
    return Refused(400, f"Bad Request: {said}")


# parameters, in any of the ways they may come ------------------------------------------------------------------------


class Parameters:
    """What a method was called with: typed where it came as JSON, text with JSON inside where it came as a form."""

    def __init__(
        self, method: str, given: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]] | None = None
    ) -> None:
        known = _KNOWN[method.lower()].split()
        if unknown := [name for name in given if name not in known]:
            raise bad(f"{method} has no parameter {unknown[0]!r} (Telegram would not notice; it is a slip of the pen)")
        self.given = {name: value for name, value in given.items() if value is not None}
        self.files = files or {}

    def text(self, name: str) -> str:
        value = self.given.get(name, "")
        if not isinstance(value, str):
            raise bad(f'parameter "{name}" must be of type String')
        try:
            size = len(value.encode())
        except UnicodeEncodeError:
            raise bad("strings must be encoded in UTF-8") from None
        if size > RAW:
            raise bad(f"{name} is too long")
        return value

    def whole(self, name: str, default: int = 0) -> int:
        value = self.given.get(name, default)
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad(f'parameter "{name}" must be of type Integer') from None

    def flag(self, name: str) -> bool:
        return str(self.given.get(name, "")).lower() in ("true", "1", "yes")

    def json(self, name: str) -> Any:
        """A nested value; None if it is missing."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def kinds(self) -> set[str] | None:
        """`allowed_updates`: None if it is missing, so that what was set before stays."""
        found = self.json("allowed_updates")
        if found is None:
            return None
        if not isinstance(found, list) or not all(isinstance(kind, str) for kind in found):
            raise bad("can't parse allowed updates JSON object")
        if unknown := set(found) - KINDS:
            raise bad(
                f"there is no update of kind {unknown.pop()!r} (Telegram would not notice; it is a slip of the pen)"
            )
        return set(found) or set(KINDS - UNASKED)


def parameters(method: str, request: Request) -> Parameters:
    """The parameters of a request: from its query, then its body as JSON, as a form, or as a form with files."""
    given: Json = dict(parse_qsl(urlsplit(request.path).query, keep_blank_values=True))
    kind, _semicolon, rest = request.headers.get("content-type", "").partition(";")
    files: dict[str, tuple[str, bytes]] = {}
    if not request.body:
        pass
    elif kind == "application/json":
        try:
            found = json.loads(request.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise bad("can't parse JSON object")
        given |= found
    elif kind == "application/x-www-form-urlencoded":
        given |= dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    elif kind == "multipart/form-data":
        fields, files = multipart(request.body, rest)
        given |= fields
    else:
        raise bad(f"content type {kind!r} is none that the Bot API reads")
    return Parameters(method, given, files)


def multipart(body: bytes, rest: str) -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
    """The fields, and the files with their names, of a multipart body."""
    edge = re.search(r'boundary="?([^";]+)"?', rest)
    if edge is None:
        raise bad("no boundary in multipart/form-data")
    mark = b"\r\n--" + edge[1].encode()
    first, *parts = (b"\r\n" + body).split(mark)
    if first.strip() or not parts or not parts[-1].startswith(b"--"):
        raise bad("multipart/form-data is broken")
    fields: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    for part in parts[:-1]:
        head, empty_line, content = part.partition(b"\r\n\r\n")
        disposition = re.search(
            r'content-disposition: form-data; name="([^"]*)"(?:; filename="([^"]*)")?', head.decode(), re.IGNORECASE
        )
        if not empty_line or disposition is None:
            raise bad("multipart/form-data is broken")
        if disposition[2] is None:
            fields[disposition[1]] = content.decode()
        else:
            files[disposition[1]] = disposition[2], content
    return fields, files


# texts and keyboards -------------------------------------------------------------------------------------------------


def units(text: str) -> int:
    """UTF-16 units, the stricter of the two ways a limit in "characters" can be read."""
    return len(text.encode("utf-16-le")) // 2


def plain(said: Parameters, name: str) -> str:
    """A text without markup: our bot sends none, so this server knows none."""
    mode = said.text("parse_mode")
    if mode and mode.lower() not in ("html", "markdown", "markdownv2"):
        raise bad("unsupported parse_mode")
    if mode or said.json("entities") or said.json("caption_entities"):
        raise bad("can't parse entities: this test server reads plain text only")
    return said.text(name).strip()


def keyboard(said: Parameters, *, private: bool) -> Json | None:
    """`reply_markup`, looked at closely."""
    markup = said.json("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    forms = [name for name in ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply") if name in markup]
    if len(forms) != 1:
        raise bad("reply markup must be exactly one of its four kinds")
    if forms[0] in ("inline_keyboard", "keyboard"):
        rows = markup[forms[0]]
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise bad(f'field "{forms[0]}" must be an Array of Arrays')
        if sum(map(len, rows)) > BUTTONS or any(len(row) > ROW for row in rows) or not all(rows):
            raise bad("reply markup has too many buttons, or an empty row")
        for button in (button for row in rows for button in row):
            _inline(button) if forms[0] == "inline_keyboard" else _reply(button, private=private)
    return markup


def _inline(button: Any) -> None:
    label = button.get("text") if isinstance(button, dict) else None
    if not isinstance(label, str) or not label.strip():
        raise bad('can\'t parse inline keyboard button: field "text" must be a non-empty String')
    actions = [name for name in button if name != "text"]
    if not actions:
        raise bad("text buttons are unallowed in the inline keyboard")
    if len(actions) > 1 or actions[0] not in _ACTIONS:
        raise bad("can't parse inline keyboard button: exactly one action is expected")
    data = button.get("callback_data")
    if data is not None and (not isinstance(data, str) or not 1 <= len(data.encode()) <= DATA):
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button and (
        not isinstance(button["url"], str) or not re.fullmatch(r"(https?|tg|tel|mailto):\S+", button["url"])
    ):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


def _reply(button: Any, *, private: bool) -> None:
    label = button if isinstance(button, str) else button.get("text") if isinstance(button, dict) else None
    if not isinstance(label, str) or not label.strip():
        raise bad('can\'t parse keyboard button: field "text" must be a non-empty String')
    if isinstance(button, dict):
        if set(button) - {"text", "request_contact", "request_location"}:
            raise bad("can't parse keyboard button: unknown field")
        if button.get("request_contact") and not private:
            raise bad("phone number can be requested in private chats only")


def commands(said: Parameters) -> tuple[str, str, list[Json]]:
    """Scope, language and the list of `setMyCommands`."""
    listed, scope, language = said.json("commands"), said.json("scope"), said.text("language_code")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise bad("can't parse commands JSON object")
    if len(listed) > 100:
        raise bad("too many commands specified")
    for one in listed:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", str(one.get("command", ""))):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(one.get("description", ""))) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    kind = scope.get("type", "") if isinstance(scope, dict) else "default"
    if kind not in _SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type specified")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad("invalid language code specified")
    return kind, language, listed


def webhook(said: Parameters) -> tuple[str, str, int]:
    """Address, secret and number of connections of `setWebhook`."""
    url, secret, most = said.text("url"), said.text("secret_token"), said.whole("max_connections", 40)
    parts = urlsplit(url)
    # without TLS only on this machine, as a Bot API server of one's own allows it
    if url and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "127.0.0.1")):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad("secret token contains unallowed characters")
    if not 1 <= most <= 100:
        raise bad("max_connections must be from 1 to 100 (Telegram would not notice; it is a slip of the pen)")
    return url, secret, most
