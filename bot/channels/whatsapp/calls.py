"""Our messages as calls of WhatsApp's Cloud API.

Limits (Meta, 2026): text 4096 characters, 1024 above buttons and rows and beside documents; 3 buttons of 20, 10 rows of 24
with 72 below.
"""

from __future__ import annotations

from typing import Any

from bot.channels.base import Part
from bot.channels.fit import Limits, units
from bot.channels.whatsapp.updates import CONTACT, is_phone, is_user

LIMITS = Limits(
    text=4096,
    caption=1024,
    buttons=3,
    label=20,
    carries=200,
    length=units,
    beside=1024,
    rows=10,
    row=24,
    detail=72,
    link=False,
)

PICTURE_BYTES = 5 * 2**20  # larger ones go as documents

# documents Meta takes; others go as plain bytes under their own name
TAKEN = frozenset(
    {
        "application/pdf",
        "text/plain",
        "image/jpeg",
        "image/png",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)


def receiver(address: str) -> dict[str, str]:
    """Where a message goes, as the API names it. ValueError for what is neither a number nor a user id: nothing is made up."""
    if is_user(address):
        return {"recipient": address}
    if is_phone(address):
        return {"to": f"+{address}"}
    raise ValueError("neither a telephone number nor a user id")


def call(address: str, part: Part, menu: str, document: str = "") -> dict[str, Any]:
    """The body of the call for one part. `menu` opens a list; `document` is the id of what was uploaded for it."""
    common = {"messaging_product": "whatsapp", "recipient_type": "individual", **receiver(address)}
    if "mark" in part:
        common["biz_opaque_callback_data"] = part["mark"]
    return {**common, **_content(address, part, menu, document)}


def _content(address: str, part: Part, menu: str, document: str) -> dict[str, Any]:
    text = part["text"].strip() or "…"
    buttons = list(part.get("buttons", ()))
    if (
        "contact" in part
        and is_phone(address)
        and len(buttons) < LIMITS.buttons
        and units(part["contact"]) <= LIMITS.label
    ):
        buttons.insert(0, {"label": part["contact"], "carries": CONTACT})
    shown: dict[str, Any] = {"body": {"text": text}}
    picture = bool(document) and "picture" in part and part["file"][3] <= PICTURE_BYTES
    kind, sent = (
        ("image", {"id": document})
        if picture
        else ("document", {"id": document, "filename": part["file"][1]} if document else {})
    )
    if document and not buttons:
        caption = {"caption": part["text"].strip()} if part["text"].strip() else {}
        return {"type": kind, kind: {**sent, **caption}}
    if document:
        shown = {"header": {"type": kind, kind: sent}, **shown}
    if rows := part.get("rows"):
        listed = [
            {"id": row["carries"], "title": row["label"]} | ({"description": row["detail"]} if "detail" in row else {})
            for row in rows
        ]  # fmt: skip
        return {
            "type": "interactive",
            "interactive": {"type": "list", **shown, "action": {"button": menu, "sections": [{"rows": listed}]}},
        }
    if len(buttons) == 1 and "link" in buttons[0]:
        action = {"name": "cta_url", "parameters": {"display_text": buttons[0]["label"], "url": buttons[0]["link"]}}
        return {"type": "interactive", "interactive": {"type": "cta_url", **shown, "action": action}}
    if buttons:
        replies = [
            {"type": "reply", "reply": {"id": button["carries"], "title": button["label"]}} for button in buttons
        ]
        return {"type": "interactive", "interactive": {"type": "button", **shown, "action": {"buttons": replies}}}
    return {"type": "text", "text": {"preview_url": False, "body": text}}


def template_call(address: str, part: Part, language: str) -> dict[str, Any]:
    """The body of the call that says a part by its template: only its values, and what its buttons carry."""
    said = part["template"]
    components: list[dict[str, Any]] = []
    if values := said.get("values"):
        parameters = [{"type": "text", "parameter_name": name, "text": value} for name, value in values.items()]
        components.append({"type": "body", "parameters": parameters})
    for at, carries in enumerate(said.get("carries", ())):
        payload = [{"type": "payload", "payload": carries}]
        components.append({"type": "button", "sub_type": "quick_reply", "index": str(at), "parameters": payload})
    template: dict[str, Any] = {"name": said["name"], "language": {"code": language}}
    if components:
        template["components"] = components
    common = {"messaging_product": "whatsapp", "recipient_type": "individual", **receiver(address)}
    if "mark" in part:
        common["biz_opaque_callback_data"] = part["mark"]
    return {**common, "type": "template", "template": template}
