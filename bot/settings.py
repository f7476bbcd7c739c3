"""Every environment variable, read once: its name, its unit, its default."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from handlers.talk.words import Text, _
from storage.database import engine_url

_BOT = Path(__file__).resolve().parent
# catalogs and programmes: a wheel carries them inside this package, a checkout beside it
HOME = _BOT if (_BOT / "locales").is_dir() else _BOT.parent
PREFIX = "MOUWAKIB_"
SECRET_LENGTH = 32


class Settings(BaseSettings):
    """Read from the environment, then from `.env` in the current folder. Beside each: what operators are told of it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    secret: Annotated[
        SecretStr,
        _(
            "A long random word made by mouwakib init; keys of our own derive from it. Keep it private and back it up; with another one, what was signed before is not valid any more."
        ),
    ] = SecretStr("")
    database_url: Annotated[
        str,
        _("Where everything is kept: a SQLite file, or postgresql://user:password@host/name for several processes."),
    ] = "sqlite:///mouwakib.db"
    files: Annotated[
        Path, _("The folder of founders' documents: private, backed up, the same one for all processes.")
    ] = Path("files")
    programme: Annotated[
        Path,
        _("The programme file: questions, rules, documents and texts. mouwakib programme check names its mistakes."),
    ] = HOME / "programmes" / "technopark-oujda.yaml"
    host: Annotated[str, _("The address where Mouwakib listens; put a reverse proxy with HTTPS in front.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Field(ge=1, le=65535), _("The port where Mouwakib listens.")] = 8080
    public_url: Annotated[
        str,
        _(
            "Where the world reaches Mouwakib, such as https://chat.example.ma: makes the session cookie secure, and webhooks and calendar links possible."
        ),
    ] = ""

    telegram_token: Annotated[SecretStr, _("From @BotFather; without it Telegram is off.")] = SecretStr("")
    telegram_secret: Annotated[
        SecretStr,
        _(
            "A long random word (A-Z a-z 0-9 _ -) that shows Telegram's calls to be its own. Left empty it derives from MOUWAKIB_SECRET where the public address is https; with neither we ask Telegram (long polling)."
        ),
    ] = SecretStr("")
    telegram_api: Annotated[str, _("Another Bot API server, such as your own.")] = "https://api.telegram.org"

    whatsapp_token: Annotated[
        SecretStr, _("Of a system user at Meta, one that does not expire; without it WhatsApp is off.")
    ] = SecretStr("")
    whatsapp_phone_id: Annotated[str, _("The id of your number in the WhatsApp Manager, not the number itself.")] = ""
    whatsapp_app_secret: Annotated[
        SecretStr, _("Of your app at Meta (App settings / Basic): proves that a webhook is Meta's.")
    ] = SecretStr("")
    whatsapp_verify_token: Annotated[
        SecretStr, _("A long word of yours, told to Meta once beside the webhook's address.")
    ] = SecretStr("")
    whatsapp_api: Annotated[str, _("Another address or version of Meta's Graph API.")] = (
        "https://graph.facebook.com/v25.0"
    )

    waha_url: Annotated[
        str, _("Of your WAHA server, such as http://127.0.0.1:3000; without it that bridge is off.")
    ] = ""
    waha_key: Annotated[SecretStr, _("WAHA's API key.")] = SecretStr("")
    waha_secret: Annotated[SecretStr, _("The key WAHA signs its webhooks with (hmac).")] = SecretStr("")
    waha_session: Annotated[str, _("Which of WAHA's sessions.")] = "default"
    gowa_url: Annotated[str, _("Of your GOWA server; without it that bridge is off.")] = ""
    gowa_key: Annotated[SecretStr, _("GOWA's basic authentication, as user:password.")] = SecretStr("")
    gowa_secret: Annotated[SecretStr, _("GOWA's webhook secret.")] = SecretStr("")
    gowa_device: Annotated[str, _("Which number, where the GOWA server has several.")] = ""

    @field_validator("secret")
    @classmethod
    def _random(cls, value: SecretStr) -> SecretStr:
        said = value.get_secret_value()
        if said and (len(said) < SECRET_LENGTH or len(set(said)) < 10 or not said.isascii() or not said.isprintable()):
            raise ValueError(
                f"at least {SECRET_LENGTH} plain characters made by chance are needed; mouwakib init makes such a one"
            )
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        engine_url(value)
        return value

    @field_validator("public_url", "telegram_api", "whatsapp_api", "waha_url", "gowa_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("it must begin with https:// (or http:// on your own machine)")
        return value.rstrip("/")

    @field_validator("telegram_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        number, _colon, rest = value.get_secret_value().partition(":")
        if value.get_secret_value() and not (number.isdigit() and rest):
            raise ValueError("it does not look like a token of BotFather (123456:ABC...)")
        return value

    @field_validator("telegram_secret")
    @classmethod
    def _secret(cls, value: SecretStr) -> SecretStr:
        said = value.get_secret_value()
        if said and not (len(said) <= 256 and said.replace("-", "").replace("_", "").isalnum() and said.isascii()):
            raise ValueError("only A-Z a-z 0-9 _ - are possible, at most 256")
        return value

    @field_validator("whatsapp_phone_id")
    @classmethod
    def _phone_id(cls, value: str) -> str:
        if value and not (value.isascii() and value.isdigit() and len(value) >= 5):
            raise ValueError(
                "it is the id of the number in the WhatsApp Manager, digits only, and not the number itself"
            )
        return value

    @field_validator(
        "whatsapp_app_secret", "whatsapp_verify_token", "waha_key", "waha_secret", "gowa_key", "gowa_secret"
    )
    @classmethod
    def _hard_to_guess(cls, value: SecretStr) -> SecretStr:
        said = value.get_secret_value()
        if said and (len(said) < 8 or not said.isascii() or not said.isprintable()):
            raise ValueError("at least 8 plain characters are needed, so that nobody guesses it")
        return value

    @field_validator("gowa_key")
    @classmethod
    def _user_and_password(cls, value: SecretStr) -> SecretStr:
        user, _colon, password = value.get_secret_value().partition(":")
        if value.get_secret_value() and not (user and password):
            raise ValueError("it is a user and a password with a colon between them, as in GOWA's APP_BASIC_AUTH")
        return value

    @field_validator("waha_session", "gowa_device")
    @classmethod
    def _plain(cls, value: str) -> str:
        if not (value.isascii() and value.isprintable() and " " not in value):
            raise ValueError("only plain letters, digits and signs are possible")
        return value

    @model_validator(mode="after")
    def _bridged(self) -> Settings:
        """A bridge needs a key and a secret: whoever reaches it can write in the hub's name."""
        for bridge in ("waha", "gowa"):
            for name in ("key", "secret"):
                if getattr(self, f"{bridge}_url") and not getattr(self, f"{bridge}_{name}").get_secret_value():
                    raise ValueError(
                        f"{PREFIX}{bridge.upper()}_{name.upper()}: it is needed beside {PREFIX}{bridge.upper()}_URL (docs/operations.md)"
                    )
        return self

    @model_validator(mode="after")
    def _whole(self) -> Settings:
        """WhatsApp needs its four settings together."""
        if self.whatsapp_token.get_secret_value():
            beside = {
                "phone_id": self.whatsapp_phone_id,
                "app_secret": self.whatsapp_app_secret,
                "verify_token": self.whatsapp_verify_token,
            }
            for name, value in beside.items():
                if not (value.get_secret_value() if isinstance(value, SecretStr) else value):
                    raise ValueError(
                        f"{PREFIX}WHATSAPP_{name.upper()}: it is needed beside {PREFIX}WHATSAPP_TOKEN (docs/operations.md says where it is found)"
                    )
        return self

    def signing_key(self, use: str) -> str:
        """A key for this use alone, derived from MOUWAKIB_SECRET; empty where that is not set."""
        secret = self.secret.get_secret_value()
        return hmac.digest(secret.encode(), f"mouwakib {use}".encode(), "sha256").hex() if secret else ""

    @property
    def telegram_webhook(self) -> str:
        """What Telegram shows when it calls us; empty where we ask it (long polling)."""
        derived = self.signing_key("telegram webhook") if self.public_url.startswith("https://") else ""
        return (self.telegram_secret.get_secret_value() or derived) if self.public_url else ""


def explained() -> Iterator[tuple[str, str, Text]]:
    """Every setting: its variable, its default as one writes it, and what it is for."""
    for name, field in Settings.model_fields.items():
        value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        yield PREFIX + name.upper(), str(value), next(about for about in field.metadata if isinstance(about, Text))


class BadSettings(Exception):
    """A setting is missing or wrong; the message is one line that names it and the mend."""


def read_settings(**given: Any) -> Settings:
    """The settings. BadSettings names the first wrong one, never its value: it may be a secret."""
    try:
        return Settings(**given)
    except ValidationError as errors:
        wrong = errors.errors(include_url=False, include_input=False)[0]
        name = (
            f"{PREFIX}{str(wrong['loc'][0]).upper()}: " if wrong["loc"] else ""
        )  # what is wrong with several says their names
        raise BadSettings(name + wrong["msg"].removeprefix("Value error, ")) from None
