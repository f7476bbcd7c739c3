"""The WhatsApp bridges that are set."""

from __future__ import annotations

from bot.channels.bridge.channel import Dialect
from bot.channels.bridge.gowa import Gowa
from bot.channels.bridge.waha import Waha
from bot.settings import Settings


def dialects(settings: Settings) -> list[tuple[str, Dialect]]:
    """The bridges that are set, each with the address of its server."""
    found: list[tuple[str, Dialect]] = []
    if settings.waha_url:
        found.append(
            (
                settings.waha_url,
                Waha(
                    settings.waha_key.get_secret_value(), settings.waha_session, settings.waha_secret.get_secret_value()
                ),
            )
        )
    if settings.gowa_url:
        found.append(
            (
                settings.gowa_url,
                Gowa(
                    settings.gowa_key.get_secret_value(), settings.gowa_device, settings.gowa_secret.get_secret_value()
                ),
            )
        )
    return found
