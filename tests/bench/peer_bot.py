"""Mouwakib as a peer: the conversation that every measured bot holds, on our kit, turn, outbox and Telegram channel.

Started by the peers' driver, which says in the environment what to talk to (BOT_TOKEN, API_BASE, PORT, WEBHOOK_URL,
DATABASE_URL, STATE_DIR, CONTENT: the conversation's texts). Nothing is left out: consent, handoff, pace, logs are on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from bot.zone import use_pinned_zone_data

use_pinned_zone_data()

import uvicorn  # noqa: E402

from bot.http_server import HttpProtocol  # noqa: E402
from bot.log import start_logging  # noqa: E402
from bot.serve import Served  # noqa: E402
from bot.settings import Settings  # noqa: E402
from bot.webhooks import Say  # noqa: E402
from handlers.contents import Entry, menu_of  # noqa: E402
from handlers.programme.model import Programme  # noqa: E402
from handlers.talk.kinds.choices import choice  # noqa: E402
from handlers.talk.kinds.numbers import number  # noqa: E402
from handlers.talk.kinds.text import text  # noqa: E402
from handlers.talk.question import Option, Question  # noqa: E402
from handlers.talk.talk import Talk  # noqa: E402
from handlers.talk.words import StaffText, Verbatim  # noqa: E402
from storage.database import Db  # noqa: E402

CONTENT: dict[str, Any] = json.loads(Path(os.environ["CONTENT"]).read_text("utf-8"))


@cache
def language_question() -> Question[str]:
    names = zip(CONTENT["languages"], CONTENT["language_names"], strict=True)
    return choice(Verbatim(CONTENT["choose"]), [Option(code, Verbatim(name)) for code, name in names])


@cache
def question(at: int) -> Question[Any]:
    asked = CONTENT["questions"][at]
    prompt = StaffText(asked["text"])
    if asked["kind"] == "choice":
        count = len(asked["options"]["en"])
        return choice(
            prompt,
            [
                Option(f"o{n}", StaffText({code: asked["options"][code][n] for code in CONTENT["languages"]}))
                for n in range(count)
            ],
        )
    return number(prompt, most=999) if asked["kind"] == "number" else text(prompt, shortest=10)


async def check(talk: Talk, db: Db, programme: Programme) -> None:
    language = await talk.ask("language", language_question())
    if talk.just("language"):
        talk.person.language = language
    given = {asked["key"]: await talk.ask(asked["key"], question(at)) for at, asked in enumerate(CONTENT["questions"])}
    rule = CONTENT["rule"]
    fits = (
        int(given["stage"][1:]) >= rule["min_stage"]
        and given["team"] >= rule["min_team"]
        and given["months"] <= rule["max_months"]
    )
    lines = [
        asked["options"][language][int(given[asked["key"]][1:])]
        if asked["kind"] == "choice"
        else str(given[asked["key"]])
        for asked in CONTENT["questions"]
    ]
    talk.say(
        Verbatim(CONTENT["result"][language].format(verdict=CONTENT["verdict"][language][fits], lines="\n".join(lines)))
    )


def table(programme: Programme) -> Mapping[str, Entry]:
    return {
        "start": Entry("start", Verbatim("Start"), check, brief=True),
        "menu": Entry("menu", Verbatim("Menu"), menu_of(programme)),
    }


def main() -> None:
    port = int(os.environ["PORT"])
    store = os.environ["DATABASE_URL"]
    url = store if "://" in store else f"sqlite:///{store.partition('?')[0]}"
    polling = bool(os.environ.get("POLLING"))
    settings = Settings(
        _env_file=None,
        database_url=url,
        port=port,
        files=Path(os.environ.get("STATE_DIR", ".")) / "files",
        public_url="" if polling else f"http://127.0.0.1:{port}",
        telegram_token=os.environ["BOT_TOKEN"],
        telegram_api=os.environ["API_BASE"],
        telegram_secret="" if polling else "bench-secret",
    )
    start_logging(pretty=False)
    served = Served(settings, table=table)
    telegram = served.telegram
    assert telegram is not None

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        if (
            scope.get("path") == "/webhook"
        ):  # where this driver posts, whatever it was asked for; its first update has no secret
            scope["path"] = "/telegram"
            scope["headers"] = [*scope["headers"], (b"x-telegram-bot-api-secret-token", b"bench-secret")]
        await served.asgi(scope, receive, send)

    def post(raw: bytes, head: Mapping[bytes, bytes], say: Say) -> None:
        telegram.posted(raw, {**head, b"x-telegram-bot-api-secret-token": b"bench-secret"}, say)

    uvicorn.run(
        asgi,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http=cast(Any, partial(HttpProtocol, {b"/webhook": post})),
        ws="none",
        lifespan="on",
        access_log=False,
        proxy_headers=False,
        log_level="critical",
        backlog=4096,
    )


if __name__ == "__main__":
    main()
