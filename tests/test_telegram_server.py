"""Our test Telegram, looked at by two libraries that know the real one: if both agree with it, it is right."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiogram import Bot as Aiogram
from aiogram import types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramConflictError, TelegramNetworkError, TelegramRetryAfter
from telegram import Bot as Ptb
from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from tests import telegram as faults
from tests.telegram import Telegram
from tests.telegram_people import Person
from tests.wire import Answer, HttpServer, Poster, Request

Json = dict[str, Any]


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with Telegram() as running:
        yield running


@dataclass
class Two:
    """A library's bot, and how it is asked; what it gives back is put into the Bot API's own JSON again."""

    name: str
    bot: Any
    json: Callable[[Any], Json]

    async def __call__(self, method: str, **said: Any) -> Any:
        found = await getattr(self.bot, method)(**said)
        return self.json(found) if hasattr(found, "model_dump") or hasattr(found, "to_dict") else found


def _with_aiogram(url: str, token: str) -> Two:
    bot = Aiogram(token, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))
    return Two(
        "aiogram",
        bot,
        lambda found: found.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True),
    )


def _with_ptb(url: str, token: str) -> Two:
    return Two("ptb", Ptb(token, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot"), lambda found: found.to_dict())


@pytest.fixture(params=["aiogram", "ptb"])
async def bot(telegram: Telegram, request: pytest.FixtureRequest) -> AsyncIterator[Two]:
    """Each of the two libraries in turn."""
    if request.param == "aiogram":
        two = _with_aiogram(telegram.url, telegram.token)
        yield two
        await two.bot.session.close()
    else:
        two = _with_ptb(telegram.url, telegram.token)
        async with two.bot:
            yield two


def started(telegram: Telegram) -> Person:
    salma = telegram.person("سلمى", language="ar")
    salma.says("/start app-2027A")
    return salma


# both libraries drive it ---------------------------------------------------------------------------------------------


async def test_both_libraries_learn_who_the_bot_is(telegram: Telegram, bot: Two) -> None:
    me = await bot("get_me")
    assert (me["id"], me["username"], me["is_bot"]) == (telegram.bot["id"], telegram.bot["username"], True)


async def test_both_libraries_send_a_message_with_buttons(telegram: Telegram, bot: Two) -> None:
    salma = started(telegram)
    make: Any = types.InlineKeyboardMarkup if bot.name == "aiogram" else InlineKeyboardMarkup
    button: Any = types.InlineKeyboardButton if bot.name == "aiogram" else InlineKeyboardButton
    markup = make(
        inline_keyboard=[
            [button(text="أوافق", callback_data="1.agree=yes"), button(text="Site", url="https://example.ma")]
        ]
    )
    sent = await bot("send_message", chat_id=salma.id, text="نعم؟ <b>", reply_markup=markup)
    shown = salma.heard[-1]
    assert sent["text"] == shown["text"] == "نعم؟ <b>"
    assert sent["message_id"] == shown["message_id"]
    assert sent["reply_markup"] == shown["reply_markup"]
    assert salma.labels == ["أوافق", "Site"]


async def test_both_libraries_send_a_document(telegram: Telegram, bot: Two) -> None:
    salma = started(telegram)
    content = bytes(range(256)) * 40 + b"\r\n--edge\r\n"
    document: Any = types.BufferedInputFile(content, "mes données.json") if bot.name == "aiogram" else content
    more = {} if bot.name == "aiogram" else {"filename": "mes données.json"}
    sent = await bot("send_document", chat_id=salma.id, document=document, caption="Tout", **more)
    stored = telegram.files[sent["document"]["file_id"]]
    assert stored.content == content
    assert (sent["caption"], sent["document"]["file_name"], sent["document"]["file_size"]) == (
        "Tout",
        "mes données.json",
        len(content),
    )


async def test_both_libraries_set_the_commands_of_each_language(telegram: Telegram, bot: Two) -> None:
    one: Any = types.BotCommand if bot.name == "aiogram" else BotCommand
    assert (
        await bot("set_my_commands", commands=[one(command="menu", description="القائمة")], language_code="ar") is True
    )
    assert telegram.commands == {("default", "ar"): [{"command": "menu", "description": "القائمة"}]}


async def test_both_libraries_poll_and_confirm(telegram: Telegram, bot: Two) -> None:
    salma = started(telegram)
    salma.says("bonjour")
    first, second = [bot.json(update) for update in await bot.bot.get_updates(timeout=1)]
    assert [first["message"]["text"], second["message"]["text"]] == ["/start app-2027A", "bonjour"]
    assert len(await bot.bot.get_updates(offset=first["update_id"] + 1)) == 1, "confirmed: never seen again"
    assert len(await bot.bot.get_updates(offset=second["update_id"] + 1)) == 0
    assert telegram.delivered


async def test_both_libraries_download_what_people_send(telegram: Telegram, bot: Two) -> None:
    salma = started(telegram)
    id = salma.sends_document("statuts.pdf", b"%PDF-1.4 paper")["message"]["document"]["file_id"]
    content = (
        (await bot.bot.download(id)).read()
        if bot.name == "aiogram"
        else await (await bot.bot.get_file(id)).download_as_bytearray()
    )
    assert content == b"%PDF-1.4 paper"


async def test_both_libraries_answer_a_press_once(telegram: Telegram, bot: Two) -> None:
    salma = started(telegram)
    press = salma.forges("1.agree=yes")["callback_query"]["id"]
    assert list(telegram.spinning) == [press]
    assert await bot("answer_callback_query", callback_query_id=press)
    assert not telegram.spinning
    with pytest.raises((TelegramAPIError, TelegramError), match=r"(?i)query is too old"):
        await bot("answer_callback_query", callback_query_id=press)


async def test_both_libraries_understand_the_webhook_settings(telegram: Telegram, bot: Two) -> None:
    assert await bot(
        "set_webhook",
        url="https://example.ma/telegram",
        secret_token="s-1",
        allowed_updates=["message"],
        max_connections=7,
    )
    info = await bot("get_webhook_info")
    assert (info["url"], info["max_connections"], list(info["allowed_updates"])) == (
        "https://example.ma/telegram",
        7,
        ["message"],
    )
    with pytest.raises((TelegramConflictError, Conflict), match="webhook is active"):
        await bot("get_updates")
    assert await bot("delete_webhook")
    assert (await bot("get_webhook_info"))["url"] == ""


async def test_both_libraries_read_an_errors_code_and_words(telegram: Telegram, bot: Two) -> None:
    salma = started(telegram)
    salma.blocks()
    for said, expected in (
        ({"chat_id": 12345, "text": "?"}, "chat not found"),
        ({"chat_id": salma.id, "text": "?"}, "bot was blocked by the user"),
    ):
        with pytest.raises((TelegramAPIError, TelegramError), match=f"(?i){expected}"):
            await bot("send_message", **said)


async def test_both_libraries_meet_faults_on_demand(
    telegram: Telegram, bot: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # its new way to say how long; the old one warns
    salma = started(telegram)
    telegram.fail("sendMessage", faults.too_many(7))
    with pytest.raises((TelegramRetryAfter, RetryAfter)) as limited:
        await bot("send_message", chat_id=salma.id, text="1")
    after: Any = getattr(limited.value, "retry_after", None)
    assert (after if isinstance(after, int) else after.total_seconds()) == 7
    telegram.fail("sendMessage", faults.refused(500, "Internal Server Error: restart"))
    with pytest.raises((TelegramAPIError, NetworkError)):
        await bot("send_message", chat_id=salma.id, text="2")
    assert not salma.heard, "refused: not done"
    telegram.fail("sendMessage", faults.dropped())
    with pytest.raises((TelegramNetworkError, NetworkError)):
        await bot("send_message", chat_id=salma.id, text="3")
    never = asyncio.Event()
    telegram.fail("sendMessage", faults.held(never))
    with pytest.raises((TelegramNetworkError, TimedOut)):
        await bot(
            "send_message",
            chat_id=salma.id,
            text="4",
            **({"request_timeout": 0.3} if bot.name == "aiogram" else {"read_timeout": 0.3}),
        )
    assert salma.texts == ["3", "4"], "dropped and hung: done, though nobody said so"
    assert [call.status for call in telegram.called("sendMessage")] == [429, 500, 0, 0]


async def test_a_wrong_token_opens_nothing(telegram: Telegram) -> None:
    async with AiohttpSession(api=TelegramAPIServer.from_base(telegram.url)) as session:
        with pytest.raises(TelegramAPIError, match="Unauthorized"):
            await Aiogram("1:wrong", session=session).get_me()
    with pytest.raises(InvalidToken):
        async with _with_ptb(telegram.url, "1:wrong").bot:
            pass
    post = Poster(telegram.url)
    for path, expected in (
        ("/botnothing/getMe", 404),
        (f"/bot{telegram.token}/getNothing", 404),
        ("/", 404),
        ("/file/bot1:wrong/x", 401),
    ):
        assert (await post(path, b"", {})).status == expected
    post.close()
    assert not telegram.calls


# every update it makes ------------------------------------------------------------------------------------------------


def everything_people_do(telegram: Telegram) -> list[Json]:
    """One update of every kind."""
    salma, karim, group = (
        telegram.person("سلمى", language="ar"),
        telegram.person("Karim", language="fr"),
        telegram.group("Équipe"),
    )
    salma.says("/start")
    question = {"message_id": 5, "from": telegram.bot, "chat": salma.as_chat, "date": 1_795_430_400, "text": "?"}
    keys = {"inline_keyboard": [[{"text": "نعم", "callback_data": "1.agree=yes"}]]}
    salma.hears(question | {"reply_markup": keys}, keys)
    pressed = salma.presses("نعم")
    salma.hears(question, {"keyboard": [[{"text": "رقمي", "request_contact": True}]]})
    return [
        salma.says("/start app-2027A"),
        salma.says("نعم", reply_to=question),
        pressed,
        salma.forges("old", message={"message_id": 2, "chat": salma.as_chat, "date": 0}),
        salma.presses("رقمي"),
        salma.sends_card(karim),
        salma.sends_document("plan.pdf", b"%PDF", caption="le plan"),
        salma.sends_photo(b"\xff\xd8\xff"),
        *salma.sends_album(("a.pdf", b"%PDF"), ("b.pdf", b"%PDF")),
        salma.speaks(),
        salma.sends_sticker(),
        salma.sends_place(),
        salma.edits("لا"),
        salma.blocks(),
        salma.unblocks(),
        karim.says("/start", group),
        karim.sends({"dice": {"emoji": "🎲", "value": 3}}),
        karim.sends({"pinned_message": question}),
    ]


def test_aiogram_reads_every_update_it_makes() -> None:
    for update in everything_people_do(Telegram()):
        found = types.Update.model_validate(update)
        assert found.update_id == update["update_id"]
        assert found.event_type in update
        again = found.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
        assert same(again, update), update


def test_python_telegram_bot_reads_every_update_it_makes() -> None:
    for update in everything_people_do(Telegram()):
        found = Update.de_json(update, None)
        assert found.update_id == update["update_id"]
        assert not found.api_kwargs, "an unknown field"
        content = next(value for name, value in found.to_dict().items() if name != "update_id")
        assert not content.get("api_kwargs")
        assert same(found.to_dict(), update), update


def same(read: Any, sent: Any) -> bool:
    """Whether all that was sent was read; a library may add its defaults and dates of its own."""
    if isinstance(sent, dict):
        return isinstance(read, dict) and all(
            name in read and same(read[name], value)
            for name, value in sent.items()
            if name not in ("date", "edit_date")
        )
    if isinstance(sent, list):
        return len(read) == len(sent) and all(map(same, read, sent))
    return bool(read == sent)


# what it refuses ------------------------------------------------------------------------------------------------------


def key(**more: Any) -> Json:
    return {"inline_keyboard": [[{"text": "x"} | more]]}


REFUSALS: list[tuple[Json, str]] = [
    ({"text": ""}, "message text is empty"),
    ({"text": " \n "}, "message text is empty"),
    ({"text": "a" * 4097}, "message is too long"),
    ({"text": "🌍" * 2049}, "message is too long"),
    ({"text": "ا" * 16_385}, "text is too long"),
    ({"text": 5}, "must be of type String"),
    ({"text": "\ud83d"}, "strings must be encoded in UTF-8"),
    ({"text": "a", "parse_mode": "HTM"}, "unsupported parse_mode"),
    ({"text": "a", "chat_id": ""}, "chat_id is empty"),
    ({"text": "a", "chat_id": "salma"}, "must be of type Integer"),
    ({"text": "a", "chat_id": 1}, "chat not found"),
    ({"text": "a", "colour": "red"}, "no parameter 'colour'"),
    ({"text": "a", "reply_markup": "{"}, "can't parse reply markup JSON object"),
    ({"text": "a", "reply_markup": []}, "object expected as reply markup"),
    ({"text": "a", "reply_markup": {}}, "exactly one of its four kinds"),
    ({"text": "a", "reply_markup": {"inline_keyboard": [{"text": "x"}]}}, "must be an Array of Arrays"),
    ({"text": "a", "reply_markup": {"inline_keyboard": [[]]}}, "an empty row"),
    ({"text": "a", "reply_markup": key()}, "text buttons are unallowed in the inline keyboard"),
    ({"text": "a", "reply_markup": key(callback_data="")}, "BUTTON_DATA_INVALID"),
    ({"text": "a", "reply_markup": key(callback_data="ا" * 33)}, "BUTTON_DATA_INVALID"),
    ({"text": "a", "reply_markup": key(callback_data="a", url="https://example.ma")}, "exactly one action"),
    ({"text": "a", "reply_markup": key(text=" ", callback_data="a")}, "must be a non-empty String"),
    ({"text": "a", "reply_markup": key(url="javascript:alert(1)")}, "Wrong HTTP URL"),
    ({"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "x"}] * 9]}}, "too many buttons"),
    ({"text": "a", "reply_markup": {"keyboard": [[{"text": "x", "request_phone": True}]]}}, "unknown field"),
]  # fmt: skip


async def test_it_refuses_what_telegram_refuses(telegram: Telegram) -> None:
    salma = started(telegram)
    post = Poster(telegram.url)
    for said, expected in REFUSALS:
        body = json.dumps({"chat_id": salma.id} | said).encode()
        answer = await post(f"/bot{telegram.token}/sendMessage", body, {"Content-Type": "application/json"})
        told = json.loads(answer.body)
        assert (answer.status, told["ok"], told["error_code"]) == (400, False, 400), said
        assert expected in told["description"], told
    post.close()
    assert not salma.heard


async def test_it_takes_what_is_just_within_the_limits(telegram: Telegram) -> None:
    salma = started(telegram)
    post = Poster(telegram.url)
    for said in ({"text": "ا" * 4096}, {"text": "a", "reply_markup": key(callback_data="ا" * 32)}):
        answer = await post(
            f"/bot{telegram.token}/sendMessage",
            json.dumps({"chat_id": salma.id} | said).encode(),
            {"Content-Type": "application/json"},
        )
        assert answer.status == 200, answer.body
    form = (
        b"chat_id=%d&text=%%D9%%86%%D8%%B9%%D9%%85&reply_markup=%%7B%%22inline_keyboard%%22%%3A%%5B%%5D%%7D" % salma.id
    )
    assert (
        await post(f"/bot{telegram.token}/sendMessage", form, {"Content-Type": "application/x-www-form-urlencoded"})
    ).status == 200
    assert salma.texts[-1] == "نعم"
    assert (await post(f"/bot{telegram.token}/sendMessage", b"[]", {"Content-Type": "application/json"})).status == 400
    post.close()


async def test_a_second_poller_ends_the_first(telegram: Telegram) -> None:
    post = Poster(telegram.url)
    path, headers = f"/bot{telegram.token}/getUpdates", {"Content-Type": "application/json"}
    first = asyncio.create_task(post(path, b'{"timeout": 50}', headers))
    await telegram.bell.until(lambda: telegram.called("getUpdates"))
    second = asyncio.create_task(post(path, b'{"timeout": 50}', headers))
    answer = await first
    assert (answer.status, json.loads(answer.body)["error_code"]) == (409, 409)
    started(telegram)
    assert len(json.loads((await second).body)["result"]) == 1
    post.close()


# webhooks -------------------------------------------------------------------------------------------------------------


class Receiver:
    """A bot that only writes down what it is given; answers when it is told to."""

    def __init__(self, answer: Callable[[Request], Awaitable[Answer]]) -> None:
        self.got: list[Request] = []
        self._answer = answer
        self.server = HttpServer(self._take)

    async def _take(self, request: Request) -> Answer:
        self.got.append(request)
        return await self._answer(request)

    async def __aenter__(self) -> Receiver:
        await self.server.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.server.stop()

    @property
    def texts(self) -> list[str]:
        return [json.loads(request.body)["message"]["text"] for request in self.got]


async def listen(telegram: Telegram, receiver: Receiver, **more: Any) -> None:
    said = json.dumps(
        {"url": f"{receiver.server.url}/telegram", "secret_token": "s-1", "max_connections": 2} | more
    ).encode()
    post = Poster(telegram.url)
    assert (await post(f"/bot{telegram.token}/setWebhook", said, {"Content-Type": "application/json"})).status == 200
    post.close()


async def test_a_webhook_is_repeated_until_it_says_yes(telegram: Telegram) -> None:
    answers = iter([503, 500, 200, 200])

    async def answer(request: Request) -> Answer:
        return Answer(next(answers))

    async with Receiver(answer) as receiver:
        await listen(telegram, receiver)
        salma = telegram.person("Salma")
        salma.says("1")
        salma.says("2")
        await telegram.bell.until(lambda: telegram.delivered)
        assert receiver.texts == ["1", "1", "1", "2"], "the same chat waits its turn"
        assert all(request.headers["x-telegram-bot-api-secret-token"] == "s-1" for request in receiver.got)
        assert telegram.hook is not None
        assert telegram.hook.trouble == "Wrong response from the webhook: 500"


async def test_a_webhook_waits_as_long_as_it_was_asked_to(telegram: Telegram) -> None:
    answers = iter([Answer(503, headers={"Retry-After": "30"}), Answer(200)])

    async def answer(request: Request) -> Answer:
        return next(answers)

    async with Receiver(answer) as receiver:
        await listen(telegram, receiver)
        telegram.person("Salma").says("1")
        await telegram.bell.until(lambda: telegram.delivered)
        assert telegram.hook is not None
        first, second = telegram.hook.deliveries
        assert second.at - first.at >= 30 * telegram.hurry, "at once otherwise"


async def test_chats_and_presses_come_side_by_side_but_never_more_than_asked(telegram: Telegram) -> None:
    go = asyncio.Event()
    under_way = most = 0

    async def answer(request: Request) -> Answer:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        telegram.bell.ring()
        await go.wait()
        under_way -= 1
        return Answer(200)

    async with Receiver(answer) as receiver:
        await listen(telegram, receiver, max_connections=2)
        salma = telegram.person("Salma")
        salma.says("1")
        salma.says("2")
        salma.forges("x")
        telegram.person("Karim").says("3")
        await telegram.bell.until(lambda: under_way == 2)
        kinds = {next(name for name in json.loads(request.body) if name != "update_id") for request in receiver.got}
        assert kinds == {"message", "callback_query"}, "a press of Salma's does not wait for her message"
        go.set()
        await telegram.bell.until(lambda: telegram.delivered)
        assert most == 2


async def test_a_call_in_the_webhooks_answer_is_carried_out(telegram: Telegram) -> None:
    async def answer(request: Request) -> Answer:
        press = json.loads(request.body)["callback_query"]["id"]
        return Answer(200, json.dumps({"method": "answerCallbackQuery", "callback_query_id": press}).encode())

    async with Receiver(answer) as receiver:
        await listen(telegram, receiver)
        telegram.person("Salma").forges("x")
        await telegram.bell.until(lambda: telegram.delivered and not telegram.spinning)
        assert [(call.method, call.by, call.status) for call in telegram.calls[-1:]] == [
            ("answerCallbackQuery", "webhook", 200)
        ]


async def test_an_update_nobody_takes_expires(telegram: Telegram) -> None:
    salma = telegram.person("Salma")
    salma.says("old")
    salma.forges("older")
    real = telegram.now
    telegram.now = lambda: real() + timedelta(minutes=3)
    post = Poster(telegram.url)
    path, headers = f"/bot{telegram.token}/getUpdates", {"Content-Type": "application/json"}
    assert [list(update)[1] for update in json.loads((await post(path, b"{}", headers)).body)["result"]] == ["message"]
    telegram.now = lambda: real() + timedelta(hours=25)
    assert json.loads((await post(path, b"{}", headers)).body)["result"] == []
    post.close()
