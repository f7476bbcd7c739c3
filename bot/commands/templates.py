"""`mouwakib whatsapp templates`: our notices as Meta must approve them, and what it says of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.channels.http_client import HttpClient, NotSent, Uncertain
from bot.channels.whatsapp import account as account
from bot.channels.whatsapp.account import Refusal
from bot.settings import HOME, Settings
from handlers.catalogue import catalogue
from handlers.programme.load import load
from handlers.talk.words import read_languages


class Account:
    """The account of the settings, for the command line."""

    def __init__(self, settings: Settings) -> None:
        self.ours = catalogue(read_languages(HOME / "locales"), load(settings.programme))
        self._number = settings.whatsapp_phone_id
        token = settings.whatsapp_token.get_secret_value()
        self._lean = HttpClient(settings.whatsapp_api, headers={"Authorization": f"Bearer {token}"})
        self._business = ""

    async def business(self) -> str:
        """Its id. Refusal, NotSent or Uncertain, as all of these."""
        self._business = self._business or await account.business(self._lean, self._number)
        return self._business

    async def templates(self) -> list[dict[str, Any]]:
        return await account.templates(self._lean, await self.business())

    async def submit(self, creation: dict[str, Any]) -> str:
        return await account.submit(self._lean, await self.business(), creation)

    async def close(self) -> None:
        await self._lean.close()


async def show(settings: Settings, say: Callable[[str], object], *, push: bool) -> bool:
    """Say each template with its state, submitting those that lack if `push`; True if Meta could be asked and took all."""
    ours = Account(settings)
    well, states = True, {}
    pushing = push
    try:
        if settings.whatsapp_token.get_secret_value():
            states = {(row["name"], row["language"]): str(row["status"]).lower() for row in await ours.templates()}
        else:
            say("MOUWAKIB_WHATSAPP_TOKEN is not set: Meta is not asked\n")
            well, pushing = not push, False
        for one in ours.ours:
            state = states.get((one.name, one.language), "missing")
            if pushing and state == "missing":
                try:
                    state = (await ours.submit(one.creation())).lower()
                except Refusal as refusal:
                    state, well = f"refused: {refusal}", False
                    pushing = refusal.code not in (4, 80007)  # too many an hour: the rest another time
            say(f"{one.name} ({one.language}): {state}\n  {one.body}")
            if one.labels:
                say("  " + " ".join(f"[{label}]" for label in one.labels))
    except (Refusal, NotSent, Uncertain) as error:
        say(f"Meta cannot be asked: {error}")
        well = False
    finally:
        await ours.close()
    return well
