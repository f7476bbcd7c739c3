"""What goes over the wire to Telegram, to the letter, and what its answers mean; both read by independent client libraries."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot as Aiogram
from aiogram import types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import SendMessage
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot as Ptb
from telegram import BotCommand, BotCommandScopeAllPrivateChats, InlineKeyboardMarkup, ReplyKeyboardMarkup

from bot.channels.base import Doubt, Gone, Later, Never, Outcome, Sent
from bot.channels.fit import fit, units
from bot.channels.multipart import form
from bot.channels.telegram import channel, updates
from bot.channels.telegram.channel import LIMITS, call, outcome
from bot.channels.telegram.rate_limit import MOST, Chats
from bot.channels.telegram.updates import ALLOWED, is_service, parse
from bot.documents.store import FileStore
from bot.documents.uploads import Uploads
from tests.telegram import TOKEN, Telegram

QUESTION = {
    "text": "Quelle est votre situation ?",
    "language": "fr",
    "buttons": [
        {"label": "Projet, sans société", "carries": "eligibility:1:who=idea"},
        {"label": "Startup ou société", "carries": "eligibility:1:who=company"},
        {"label": "Passer", "carries": "eligibility:1:who=~skip", "aside": True},
        {"label": "Retour", "carries": "/back", "aside": True},
    ],
}

GOLDENS: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
    (
        "words alone",
        {"text": "مرحبًا بكم", "language": "ar"},
        [{"chat_id": 7, "text": "مرحبًا بكم", "link_preview_options": {"is_disabled": True}}],
    ),
    (
        "a question: each answer on a line of its own, back and skip together below",
        QUESTION,
        [
            {
                "chat_id": 7,
                "text": "Quelle est votre situation ?",
                "link_preview_options": {"is_disabled": True},
                "reply_markup": {
                    "inline_keyboard": [
                        [{"text": "Projet, sans société", "callback_data": "eligibility:1:who=idea"}],
                        [{"text": "Startup ou société", "callback_data": "eligibility:1:who=company"}],
                        [
                            {"text": "Passer", "callback_data": "eligibility:1:who=~skip"},
                            {"text": "Retour", "callback_data": "/back"},
                        ],
                    ]
                },
            }
        ],
    ),
    (
        "the key that shares a number stands below the input field",
        {
            "text": "Votre numéro ?",
            "language": "fr",
            "contact": "Partager mon numéro",
            "buttons": [{"label": "Retour", "carries": "/back", "aside": True}],
        },
        [
            {
                "chat_id": 7,
                "text": "Votre numéro ?",
                "link_preview_options": {"is_disabled": True},
                "reply_markup": {
                    "keyboard": [[{"text": "Partager mon numéro", "request_contact": True}], [{"text": "Retour"}]],
                    "one_time_keyboard": True,
                    "resize_keyboard": True,
                },
            }
        ],
    ),
    (
        "a link opens, it does not answer",
        {
            "text": "Voir",
            "language": "fr",
            "buttons": [{"label": "Le site", "carries": "", "link": "https://exemple.ma"}],
        },
        [
            {
                "chat_id": 7,
                "text": "Voir",
                "link_preview_options": {"is_disabled": True},
                "reply_markup": {"inline_keyboard": [[{"text": "Le site", "url": "https://exemple.ma"}]]},
            }
        ],
    ),
    (
        "what a founder typed is no markup",
        {"text": "<b>*_`[x](tg://user?id=7)`</b>", "language": "fr"},
        [{"chat_id": 7, "text": "<b>*_`[x](tg://user?id=7)`</b>", "link_preview_options": {"is_disabled": True}}],
    ),
]


@pytest.mark.parametrize(("body", "calls"), [pytest.param(body, calls, id=name) for name, body, calls in GOLDENS])
def test_a_message_goes_out_to_the_letter(body: dict[str, Any], calls: list[dict[str, Any]]) -> None:
    assert [call("7", part) for part in fit(body, LIMITS)] == calls


@pytest.mark.parametrize("calls", [pytest.param(calls, id=name) for name, _body, calls in GOLDENS])
def test_other_libraries_read_what_we_send(calls: list[dict[str, Any]]) -> None:
    for said in calls:
        assert SendMessage.model_validate(said).chat_id == 7
        markup = said.get("reply_markup", {})
        if "inline_keyboard" in markup:
            assert InlineKeyboardMarkup.de_json(markup, None).to_dict() == markup
        elif "keyboard" in markup:
            assert (
                ReplyKeyboardMarkup.de_json(markup, None).to_dict().items()
                >= {"one_time_keyboard": True, "resize_keyboard": True}.items()
            )


COMMANDS = {"": [("menu", "Menu")], "ar": [("menu", "القائمة")]}
HOOK: dict[str, Any] = {"url": "https://chat.example.ma/telegram", "secret_token": "s-1", "max_connections": 100}


async def ours(url: str, folder: Path, webhook: str) -> None:
    def take(incoming: Any, fetch: Any) -> asyncio.Future[None]:
        raise AssertionError("nobody writes")

    store = FileStore(folder)
    bot = channel.Telegram(
        TOKEN,
        url,
        take,
        webhook=webhook,
        secret=HOOK["secret_token"],
        commands=COMMANDS,
        uploads=Uploads(store, 2**20),
        store=store,
        now=lambda: datetime.now(UTC),
    )
    await bot.open()
    await bot.close()


async def with_aiogram(url: str, webhook: str) -> None:
    async with Aiogram(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url))) as bot:
        await bot.get_me()
        for language, listed in COMMANDS.items():
            commands = [types.BotCommand(command=name, description=said) for name, said in listed]
            scope = types.BotCommandScopeAllPrivateChats()
            await bot.set_my_commands(commands, scope=scope, language_code=language or None)
        if webhook:
            await bot.set_webhook(**HOOK, allowed_updates=ALLOWED)
        else:
            await bot.delete_webhook(drop_pending_updates=False)


async def with_ptb(url: str, webhook: str) -> None:
    async with Ptb(TOKEN, base_url=f"{url}/bot") as bot:  # it asks who it is by itself
        for language, listed in COMMANDS.items():
            commands = [BotCommand(name, said) for name, said in listed]
            scope = BotCommandScopeAllPrivateChats()
            await bot.set_my_commands(commands, scope=scope, language_code=language or None)
        if webhook:
            await bot.set_webhook(**HOOK, allowed_updates=ALLOWED)
        else:
            await bot.delete_webhook(drop_pending_updates=False)


def asked(telegram: Telegram) -> list[tuple[str, dict[str, Any]]]:
    """What was called since the last look; JSON within a form is read, what is as if it were left out is left out."""
    calls, telegram.calls = telegram.calls, []
    return [
        (call.method.lower(), {name: value for name in call.said if (value := read(call.said[name]))}) for call in calls
    ]


def read(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


@pytest.mark.parametrize("webhook", [HOOK["url"], ""], ids=["webhook", "polling"])
async def test_at_the_start_is_asked_what_other_libraries_would_ask(webhook: str, tmp_path: Path) -> None:
    async with Telegram() as telegram:
        await ours(telegram.url, tmp_path, webhook)
        said = asked(telegram)
        assert [method for method, _said in said][-1] == ("setwebhook" if webhook else "deletewebhook")
        await with_aiogram(telegram.url, webhook)
        assert asked(telegram) == said
        await with_ptb(telegram.url, webhook)
        assert asked(telegram) == said


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12_000)


@given(texts)
def test_a_long_text_goes_in_parts_that_fit_and_nothing_of_it_is_lost(text: str) -> None:
    parts = fit({**QUESTION, "text": text}, LIMITS)
    assert all(units(part["text"]) <= 4096 for part in parts)
    assert "".join("".join(part["text"].split()) for part in parts) == "".join(text.split())
    assert [part for part in parts if "buttons" in part] == parts[-1:], "the buttons stand under the last"


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (200, {"ok": True, "result": {"message_id": 9}}, Sent("7:9")),
        (200, "<html>", Doubt("unreadable answer")),
        (200, {"ok": True}, Doubt("unreadable answer")),
        (429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 3}}, Later(3.1, "429", account=True)),
        (
            429,
            {"ok": False, "error_code": 429, "parameters": {"retry_after": 10**9}},
            Later(3600.1, "429", account=True),
        ),
        (429, "slow down", Later(5.1, "429", account=True)),
        (
            403,
            {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"},
            Gone("blocked"),
        ),
        (403, {"ok": False, "error_code": 403, "description": "Forbidden: user is deactivated"}, Gone("deactivated")),
        (
            403,
            {"ok": False, "error_code": 403, "description": "Forbidden: bot can't initiate conversation with a user"},
            Gone("forbidden"),
        ),
        (400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}, Gone("chat not found")),
        (
            400,
            {"ok": False, "error_code": 400, "description": "Bad Request: message text is empty"},
            Never("400 bad request"),
        ),
        (413, {"ok": False, "error_code": 413, "description": "Request Entity Too Large"}, Never("413 too large")),
        (
            401,
            {"ok": False, "error_code": 401, "description": "Unauthorized"},
            Later(300, "token refused", account=True),
        ),
        (500, {"ok": False, "error_code": 500, "description": "Internal Server Error"}, Later(2, "500")),
        (502, "<html>502 Bad Gateway</html>", Later(2, "502")),
        (403, "<html>a firewall</html>", Later(30, "403 from somebody between us and Telegram", account=True)),
        (418, [], Later(30, "418 from somebody between us and Telegram", account=True)),
    ],
)
def test_an_answer_has_one_meaning(status: int, answer: Any, expected: Outcome) -> None:
    raw = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    assert outcome(status, raw, "7") == expected


@given(
    st.integers(100, 599),
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["ok", "result", "error_code", "parameters", "description", "message_id", "retry_after"]
                ),
                inner,
            )
        ),
    ).map(lambda found: json.dumps(found).encode()),
)
def test_no_answer_whatever_breaks_us(status: int, raw: bytes) -> None:
    assert isinstance(outcome(status, raw, "7"), Sent | Later | Never | Gone | Doubt)


def test_a_document_travels_with_its_name_whatever_it_is_called() -> None:
    kind, body = form({"chat_id": "7"}, "document", 'a"b\r\n.pdf', b"%PDF")
    edge = kind.partition("boundary=")[2]
    assert b'filename="a%22b.pdf"' in body
    assert body.endswith(f"%PDF\r\n--{edge}--\r\n".encode())


WRITER = '"chat": {"id": 7}, "from": {"id": 7, "first_name": "Salma"}'


@pytest.mark.parametrize(
    "spoilt",
    [
        f'{{"update_id": 1, "message": {{{WRITER}, "text": 5}}}}',
        f'{{"update_id": 1, "message": {{{WRITER}, "text": "\\ud83d"}}}}',
        f'{{"update_id": 1, "message": {{{WRITER}, "caption": null, "photo": [{{}}]}}}}',
        '{"update_id": 1, "message": {"chat": {"id": 7}, "from": {"id": 7, "first_name": "\\ud83d"}}}',
    ],
)
def test_of_an_update_that_cannot_be_read_the_writer_is_still_known(spoilt: str) -> None:
    incoming = updates.read(parse(spoilt.encode()), "700", datetime.now(UTC))
    assert incoming is not None
    assert (incoming.id, incoming.address, incoming.kind) == ("700:1", "7", "other")


def test_what_is_broken_where_we_do_not_read_does_no_harm() -> None:
    raw = b'{"update_id": 1, "message": {' + WRITER.encode() + b', "sticker": {"emoji": "?"}, "web\xff": 1}}'
    incoming = updates.read(parse(raw), "700", datetime.now(UTC))
    assert incoming is not None
    assert incoming.kind == "sticker"
    assert not is_service(raw)


# the pace of one chat -------------------------------------------------------------------------------------------------


def test_a_chat_takes_three_at_once_then_one_a_second_and_another_chat_has_its_own() -> None:
    chats = Chats()
    assert [round(chats.wait("1", 100.0, reply=False), 3) for _n in range(5)] == [0, 0, 0, 1, 1]
    assert chats.wait("2", 100.0, reply=False) == 0
    assert chats.wait("1", 101.0, reply=False) == 0
    assert chats.wait("1", 101.0, reply=False) > 0


def test_answers_pass_at_any_pace_and_hold_up_a_notice_by_seconds_only() -> None:
    chats = Chats()
    assert [chats.wait("1", 100.0, reply=True) for _n in range(200)] == [0.0] * 200
    assert 0 < chats.wait("1", 100.0, reply=False) <= 2


def test_the_quietest_chats_are_forgotten_first() -> None:
    chats = Chats()
    for n in range(MOST + 10):
        chats.wait(str(n), 100.0, reply=False)
    assert len(chats._until) == MOST
