"""A channel's facts, once: how people call it, how fast it takes announcements, whether it takes any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.talk.words import Text, UserText, Verbatim, _

OUR_OWN = 200.0  # messages a second that we take ourselves


@dataclass(frozen=True, slots=True)
class Channel:
    """How people are written to."""

    name: Text
    label: str  # its name on a button
    # for announcements, with a little air below what the platform allows an account: Telegram about 30 (its FAQ), Meta's
    # Cloud API 80 (its throughput page)
    per_second: float = OUR_OWN
    announces: bool = True  # the number behind a bridge would be banned for announcements


_WHATSAPP = Verbatim("WhatsApp")

CHANNELS: Mapping[str, Channel] = {
    "telegram": Channel(Verbatim("Telegram"), "Telegram", 29.0),
    "whatsapp": Channel(_WHATSAPP, "WhatsApp", 70.0),
    "web": Channel(_("the web page"), "Web"),
    "waha": Channel(_WHATSAPP, "WhatsApp", announces=False),
    "gowa": Channel(_WHATSAPP, "WhatsApp", announces=False),
}
BRIDGED = frozenset(name for name, channel in CHANNELS.items() if not channel.announces)
ANNOUNCING: Mapping[str, str] = {name: channel.label for name, channel in CHANNELS.items() if channel.announces}


def rate_limit(channel: str) -> float:
    """Announcements a second that a channel's platform lets one account send."""
    return CHANNELS[channel].per_second if channel in CHANNELS else OUR_OWN


def place(channel: str) -> Text:
    """What people call a channel."""
    return CHANNELS[channel].name if channel in CHANNELS else UserText(channel)
