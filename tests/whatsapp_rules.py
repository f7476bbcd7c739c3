"""What Meta refuses: the limits of messages and templates, each with its error code."""

from __future__ import annotations

import re
from typing import Any

from bot.channels.fit import units

Json = dict[str, Any]
USER = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


class Refused(Exception):
    """Not done: the error's code, and Meta's detail."""

    def __init__(self, code: int, said: str = "", status: int = 400) -> None:
        super().__init__(f"{code} {said}")
        self.code, self.said, self.status = code, said, status

    def body(self) -> Json:
        data = {"messaging_product": "whatsapp", "details": self.said}
        return {
            "error": {
                "message": f"(#{self.code}) {self.said}",
                "type": "OAuthException",
                "code": self.code,
                "error_data": data,
                "fbtrace_id": "T",
            }
        }


def need(ok: object, said: str, code: int = 131009) -> None:
    if not ok:
        raise Refused(code, said)


def text(value: Any, most: int, what: str) -> str:
    need(isinstance(value, str) and value.strip(), f"{what} is required", 131008)
    need(units(value) <= most, f"{what} is longer than {most}")
    return str(value)


def message(said: Json) -> None:
    """What every message must hold."""
    need(said.get("messaging_product") == "whatsapp", "messaging_product", 131008)
    known = {
        "messaging_product",
        "recipient_type",
        "to",
        "recipient",
        "type",
        "biz_opaque_callback_data",
        "context",
        said.get("type"),
    }
    need(set(said) <= known, f"unknown fields {set(said) - known}", 100)
    need(said.get("recipient_type", "individual") == "individual", "recipient_type")
    need("to" in said or "recipient" in said, "to", 131008)
    need("to" not in said or re.fullmatch(r"\+[1-9]\d{6,14}", str(said["to"])), "a number goes out with its plus")
    need("recipient" not in said or USER.fullmatch(str(said["recipient"])), "recipient")
    need(len(str(said.get("biz_opaque_callback_data", ""))) <= 512, "biz_opaque_callback_data")
    kind = str(said.get("type"))
    need(kind in _KINDS, f"type {kind}", 131051)
    need(isinstance(said.get(kind), dict), kind, 131008)
    _KINDS[kind](said[kind])


def _text(said: Json) -> None:
    text(said.get("body"), 4096, "text.body")


def _document(said: Json) -> None:
    need(("id" in said) != ("link" in said), "one of id and link", 131008)
    need(units(said.get("caption", "")) <= 1024, "caption")


def _interactive(said: Json) -> None:
    kind, action = said.get("type"), said.get("action")
    need(isinstance(action, dict), "action", 131008)
    assert isinstance(action, dict)
    text(said.get("body", {}).get("text"), 1024, "body")
    if "header" in said:
        header = said["header"]
        need(header.get("type") == "text" or kind != "list", "lists have text headers only")
        need(header.get("type") in ("text", "document", "image"), "header")
    match kind:
        case "button":
            replies = [button["reply"] for button in action["buttons"]]
            need(1 <= len(replies) <= 3, "1 to 3 buttons")
            _choices(replies, 20, 256)
        case "list":
            text(action.get("button"), 20, "button")
            sections = action["sections"]
            need(1 <= len(sections) <= 10, "sections")
            need(
                len(sections) == 1 or all(units(section.get("title", "")) in range(1, 25) for section in sections),
                "titles of sections",
            )
            rows = [row for section in sections for row in section["rows"]]
            need(1 <= len(rows) <= 10, "1 to 10 rows in all")
            _choices(rows, 24, 200)
            need(all(0 < units(row.get("description", "x")) <= 72 for row in rows), "description")
        case "cta_url":
            parameters = action["parameters"]
            text(parameters.get("display_text"), 20, "display_text")
            need(str(parameters.get("url", "")).startswith(("https://", "http://")), "url")
        case _:
            raise Refused(131009, f"interactive {kind}")


def _choices(choices: list[Json], title: int, id: int) -> None:
    for choice in choices:
        text(choice.get("title"), title, "title")
        text(choice.get("id"), id, "id")
    need(len({choice["id"] for choice in choices}) == len(choices), "ids are not unique")
    need(len({choice["title"] for choice in choices}) == len(choices), "titles are not unique")


def _template(said: Json) -> None:
    text(said.get("name"), 512, "name")
    text(said.get("language", {}).get("code"), 8, "language")


_KINDS = {"text": _text, "interactive": _interactive, "document": _document, "image": _document, "template": _template}


def filled(template: Json, said: Json) -> str:
    """What a person reads of a template; Refused if its parts or buttons are not those it was approved with."""
    body = next(one for one in template["components"] if one["type"] == "BODY")["text"]
    names = list(dict.fromkeys(re.findall(r"\{\{(\w+)\}\}", body)))
    components = [one | {"type": one["type"].lower()} for one in said.get("components", [])]  # Meta takes both
    parameters = {
        one.get("parameter_name"): one["text"]
        for part in components
        if part["type"] == "body"
        for one in part["parameters"]
    }
    need(sorted(parameters) == sorted(names), f"parts {sorted(parameters)} for {sorted(names)}", 132000)
    for value in parameters.values():
        need(value.strip() and not re.search(r"[\n\t]|    ", value), "a part is empty, or has line breaks", 132012)
    words = re.sub(r"\{\{(\w+)\}\}", lambda part: parameters[part[1]], body)
    need(units(words) <= 1024, "the filled body is too long", 132005)
    labels = labels_of(template)
    pressed = [one for one in components if one["type"] == "button"]
    need([str(one["index"]) for one in pressed] == [str(at) for at in range(len(labels))], "buttons", 132018)
    return words


def labels_of(template: Json) -> list[str]:
    return [button["text"] for one in template["components"] if one["type"] == "BUTTONS" for button in one["buttons"]]


def creation(said: Json) -> None:
    """What may be submitted for approval."""
    need(re.fullmatch(r"[a-z0-9_]{1,512}", str(said.get("name"))), "name", 100)
    need(said.get("category") in ("UTILITY", "MARKETING"), "category", 100)
    need(30 <= int(said.get("message_send_ttl_seconds", 30)) <= 43200, "message_send_ttl_seconds", 100)
    body = text(next(one for one in said["components"] if one["type"] == "BODY").get("text"), 1024, "body")
    need(not body.startswith("{{") and not body.endswith("}}"), "a part at the start or the end", 2388299)
    need(not re.search(r"\}\}\s*\{\{", body), "two parts side by side", 2388299)
    names = set(re.findall(r"\{\{(\w+)\}\}", body))
    samples = (
        next(one for one in said["components"] if one["type"] == "BODY")
        .get("example", {})
        .get("body_text_named_params", [])
    )
    need({one["param_name"] for one in samples if one["example"].strip()} == names, "an example for each part", 2388043)
    need(not names or said.get("parameter_format") == "NAMED", "parameter_format", 100)
    labels = labels_of(said)
    need(
        len(labels) <= 10 and all(0 < len(label) <= 25 for label in labels) and len(set(labels)) == len(labels),
        "buttons",
        2388060,
    )
