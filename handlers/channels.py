"""A channel's facts: how people call it, how fast it takes announcements, what it costs."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.talk.words import Text, UserText, Verbatim, _

CHANNEL_NAMES = {"telegram": "Telegram", "whatsapp": "WhatsApp", "web": "Web"}


# Messages a second for announcements, each with a little air below what the platform allows an account: Telegram about 30
# (its FAQ), Meta's Cloud API 80 (its throughput page). A bridge keeps the pace of a person, and the page is our own.
PER_SECOND: Mapping[str, float] = {"telegram": 29.0, "whatsapp": 70.0}
OUR_OWN = 200.0


def pace(channel: str) -> float:
    """Messages a second that a channel's platform lets one account send."""
    return PER_SECOND.get(channel, OUR_OWN)


_WHATSAPP = Verbatim("WhatsApp")

_PLACES: dict[str, Text] = {
    "telegram": Verbatim("Telegram"),
    "whatsapp": _WHATSAPP,
    "waha": _WHATSAPP,
    "gowa": _WHATSAPP,
    "web": _("the web page"),
}


def place(channel: str) -> Text:
    """What people call a channel."""
    return _PLACES.get(channel, UserText(channel))
