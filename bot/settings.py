"""Every environment variable, read once: its name, its unit, its default."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.database import engine_url

HOME = Path(__file__).resolve().parent.parent
PREFIX = "MOUWAKIB_"


class Settings(BaseSettings):
    """Read from the environment, then from `.env` in the current folder."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    database_url: str = "sqlite:///mouwakib.db"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    public_url: str = ""  # where the world reaches us, e.g. https://chat.example.ma
    programme: Path = HOME / "programmes" / "technopark-oujda.yaml"
    files: Path = Path("files")  # documents people send
    telegram_token: SecretStr = SecretStr("")
    telegram_api: str = "https://api.telegram.org"
    telegram_secret: SecretStr = SecretStr("")  # with a public URL: webhook; without: long polling

    whatsapp_token: SecretStr = SecretStr("")  # of a system user, one that does not expire
    whatsapp_phone_id: str = ""  # the number's id at Meta
    whatsapp_app_secret: SecretStr = SecretStr("")  # what Meta signs with
    whatsapp_verify_token: SecretStr = SecretStr("")  # a word of ours, told to Meta with the webhook's address
    whatsapp_api: str = "https://graph.facebook.com/v25.0"

    waha_url: str = ""  # the bridge's server, e.g. http://127.0.0.1:3000
    waha_key: SecretStr = SecretStr("")  # its X-Api-Key
    waha_session: str = "default"
    waha_secret: SecretStr = SecretStr("")  # what it signs its webhooks with
    gowa_url: str = ""
    gowa_key: SecretStr = SecretStr("")  # user:password
    gowa_device: str = ""  # which number, where the server has several
    gowa_secret: SecretStr = SecretStr("")

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

    @property
    def telegram_webhook(self) -> bool:
        """Whether Telegram calls us; otherwise we ask it (long polling)."""
        return bool(self.public_url and self.telegram_secret.get_secret_value())


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
