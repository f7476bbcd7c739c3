"""The page's side of HTTP: who may speak, what is refused, how a talk is resumed, on both databases."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.web import pages
from tests.chat import plain
from tests.house import PDF, House

OURS = {"X-Mouwakib": "1"}


class Visitor:
    """A browser without a screen: keeps its cookie, says, reads."""

    def __init__(self, house: House) -> None:
        self.http = httpx2.AsyncClient(base_url=house.url, timeout=None)
        self.count = 0
        self.seen = 0

    async def arrives(self) -> Visitor:
        assert (await self.http.get("/")).status_code == 200
        return self

    async def says(self, text: str = "", press: str = "", id: str = "") -> int:
        self.count += 1
        said = {"id": id or f"message-{self.count}", "text": text, "press": press, "language": "fr"}
        return (await self.http.post("/chat/messages", content=json.dumps(said), headers=OURS)).status_code

    async def sends(self, name: str, content: bytes) -> int:
        self.count += 1
        query = {"id": f"document-{self.count}", "name": name}
        return (await self.http.post("/chat/files", params=query, content=content, headers=OURS)).status_code

    async def reads(self) -> list[dict[str, Any]]:
        """Both sides of the talk, as the page shows it after a reload."""
        found: list[dict[str, Any]] = (await self.http.get("/chat/history")).json()["messages"]
        return found

    async def hears(self, most: int, after: int | None = None) -> list[dict[str, Any]]:
        """The next messages of ours, as the open page receives them."""
        found: list[dict[str, Any]] = []
        async with self.http.stream(
            "GET", "/chat/events", params={"after": self.seen if after is None else after}
        ) as events:
            async for line in events.aiter_lines():
                if line.startswith("data: "):
                    found.append(json.loads(line.removeprefix("data: ")))
                    self.seen = found[-1]["id"]
                if len(found) == most:
                    break
        return found

    async def presses(self, label: str) -> int:
        carries = next(
            b["carries"]
            for m in reversed(await self.reads())
            for b in m.get("buttons", ())
            if plain(b["label"]) == label
        )
        return await self.says(label, carries)

    async def enters(self) -> None:
        """Through the door: the language and the consent."""
        await self.says("/start")
        await self.presses("Français")
        await self.presses("J'accepte")


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with House.on(sqlite_url, tmp_path) as found:
        yield found


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[Visitor]:
    found = await Visitor(house).arrives()
    yield found
    await found.http.aclose()


# the page itself --------------------------------------------------------------------------------------------------


async def test_everything_the_page_needs_is_ours_and_weighs_under_60_kb(visitor: Visitor) -> None:
    whole = 0
    for path in ["/", *(f"/static/{path.name}" for path in pages.STATIC.iterdir() if path.suffix != ".html")]:
        answer = await visitor.http.get(path, headers={"Accept-Encoding": "identity"})
        whole += len(answer.content)
        assert not re.search(r"(src|href|url|import|fetch)[=(\s\"']+(https?:)?//", answer.text), path
        assert "<script>" not in answer.text
        assert " style=" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert whole < 60_000


async def test_a_browser_that_has_the_page_is_not_sent_it_again(visitor: Visitor) -> None:
    first = await visitor.http.get("/static/app.js")
    assert first.headers["content-encoding"] == "gzip"
    again = await visitor.http.get("/static/app.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["..%2fpages.py", "index.html", "nothing.js", "%2e%2e"])
async def test_only_the_files_of_the_page_are_served(visitor: Visitor, name: str) -> None:
    assert (await visitor.http.get(f"/static/{name}")).status_code == 404


# sessions ---------------------------------------------------------------------------------------------------------


async def test_a_session_is_a_long_random_cookie_that_scripts_cannot_read(house: House) -> None:
    given = []
    for _visit in range(2):
        async with httpx2.AsyncClient(base_url=house.url) as http:
            given.append((await http.get("/")).headers["set-cookie"])
    assert given[0] != given[1]
    for cookie in given:
        assert re.match(r"mouwakib=[A-Za-z0-9_-]{43};", cookie)
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie


async def test_behind_https_the_cookie_is_bound_to_this_very_host(sqlite_url: str, tmp_path: Path) -> None:
    async with (
        House.on(sqlite_url, tmp_path, public_url="https://chat.example.ma") as house,
        httpx2.AsyncClient(base_url=house.url) as http,
    ):
        cookie = (await http.get("/")).headers["set-cookie"]
    assert cookie.startswith("__Host-mouwakib=")
    assert "Secure" in cookie
    assert "Path=/;" in cookie


async def test_the_database_holds_nothing_one_could_log_in_with(visitor: Visitor, tmp_path: Path) -> None:
    await visitor.enters()
    await visitor.says("Bonjour tout le monde")
    token = visitor.http.cookies["mouwakib"]
    held = b"".join(path.read_bytes() for path in tmp_path.glob("mouwakib.db*"))
    assert b"Bonjour tout le monde" in held
    assert token.encode() not in held


@pytest.mark.parametrize(
    ("cookie", "headers"),
    [
        (False, OURS),
        (True, {}),
        (True, {**OURS, "Sec-Fetch-Site": "cross-site"}),
        (True, {**OURS, "Sec-Fetch-Site": "same-site"}),
    ],
)
async def test_only_our_own_page_may_speak_for_a_visitor(
    visitor: Visitor, *, cookie: bool, headers: dict[str, str]
) -> None:
    if not cookie:
        visitor.http.cookies.clear()
    for path in ("/chat/messages", "/chat/files?id=document-1&name=a.pdf"):
        assert (
            await visitor.http.post(path, content=b'{"id":"message-1","text":"salam"}', headers=headers)
        ).status_code == 401
    if not cookie:
        for path in ("/chat/history", "/chat/events", "/chat/files/0"):
            assert (await visitor.http.get(path)).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a" * 42, "a" * 44, "a" * 42 + "!", "a" * 42 + "é"])
async def test_a_forged_cookie_opens_nothing(house: House, token: str) -> None:
    async with httpx2.AsyncClient(base_url=house.url) as http:
        assert (await http.get("/chat/history", headers=[(b"Cookie", f"mouwakib={token}".encode())])).status_code == 401


# what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"salam", 400),
        (b"[]", 400),
        (b'{"text":"salam"}', 400),
        (b'{"id":"short","text":"salam"}', 400),
        (b'{"id":"message-1","text":7}', 400),
        (b'{"id":"message-1","text":"salam","role":"staff"}', 400),
        (b'{"id":"message-1","press":"' + b"x" * 65 + b'"}', 400),
        (b'{"id":"message-1","text":"' + b"x" * 4001 + b'"}', 400),
        (b'{"id":"message-1","text":"\xff"}', 400),
        (b'{"id":"message-1","text":"' + b"x" * pages.BODY + b'"}', 413),
        (b"[" * 9000, 400),
    ],
)
async def test_a_message_that_is_none_is_refused(visitor: Visitor, body: bytes, status: int) -> None:
    answer = await visitor.http.post("/chat/messages", content=body, headers=OURS)
    assert (answer.status_code, answer.content) == (status, b"")
    assert await visitor.says("/start") == 204


async def test_a_packed_body_is_refused(visitor: Visitor) -> None:
    assert (
        await visitor.http.post("/chat/messages", content=b"x", headers={**OURS, "Content-Encoding": "gzip"})
    ).status_code == 415


async def test_reading_is_no_way_to_speak(visitor: Visitor) -> None:
    assert (await visitor.http.get("/chat/messages")).status_code == 405


# a talk -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def both(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with House.on(database_url, tmp_path) as found:
        yield found


async def test_what_is_said_is_answered_on_the_stream_and_still_there_after_a_reload(both: House) -> None:
    visitor = await Visitor(both).arrives()
    assert await visitor.says("/start") == 204
    (hello,) = await visitor.hears(1)
    assert [button["label"] for button in hello["buttons"]] == ["العربية", "Français", "English"]
    await visitor.presses("Français")
    (welcome,) = await visitor.hears(1)
    assert "Technopark Oujda" in welcome["text"]
    await visitor.presses("J'accepte")
    await visitor.says("C'est combien ?")
    talk = await visitor.reads()
    assert [message["said"] for message in talk if "said" in message] == ["J'accepte", "C'est combien ?"], (
        "words are kept from the consent on"
    )
    assert talk[-2] == {"id": 0, "at": talk[-2]["at"], "said": "C'est combien ?", "key": "message-4"}
    assert "tarif" in talk[-1]["text"]
    assert await visitor.hears(3, after=hello["id"]) == [message for message in talk if message["id"] > hello["id"]]
    await visitor.http.aclose()


async def test_a_message_that_comes_again_after_its_answer_was_lost_is_handled_once(both: House) -> None:
    visitor = await Visitor(both).arrives()
    await visitor.enters()
    statuses = await asyncio.gather(
        *(visitor.says("Quels sont vos services ?", id="message-lost") for _time in range(20))
    )
    assert statuses == [204] * 20
    await visitor.says("Quels sont vos services ?", id="message-lost")
    assert [m["key"] for m in await visitor.reads() if m.get("said") == "Quels sont vos services ?"] == ["message-lost"]
    assert len(await visitor.reads()) == 3 + 2 + 1, (
        "three of ours at the door, one answer; the consent and the question of theirs"
    )
    await visitor.http.aclose()


async def test_a_page_held_open_by_one_process_shows_what_another_answers(postgresql_url: str, tmp_path: Path) -> None:
    async with House.on(postgresql_url, tmp_path) as one, House.on(postgresql_url, tmp_path) as other:
        visitor = await Visitor(one).arrives()
        await visitor.enters()
        await visitor.hears(3)
        hearing = asyncio.create_task(visitor.hears(1))
        elsewhere = Visitor(other)
        elsewhere.http.cookies = visitor.http.cookies
        assert await elsewhere.says("menu", id="message-elsewhere") == 204
        (heard,) = await hearing
        assert "Suis-je éligible ?" in [button["label"] for button in heard["buttons"]]
        await visitor.http.aclose()
        await elsewhere.http.aclose()


# documents --------------------------------------------------------------------------------------------------------


async def test_ones_own_data_comes_as_a_file_that_no_browser_runs_and_nobody_else_can_open(
    house: House, visitor: Visitor
) -> None:
    await visitor.enters()
    await visitor.says("/privacy")
    offered = (await visitor.reads())[-1]["buttons"]
    await visitor.presses(plain(offered[1]["label"]))
    id, name, _kind, size = next(message["file"] for message in reversed(await visitor.reads()) if "file" in message)
    answer = await visitor.http.get(f"/chat/files/{id}")
    assert answer.status_code == 200
    assert len(answer.content) == size
    assert answer.headers["content-disposition"].startswith("attachment")
    assert name in answer.headers["content-disposition"]
    assert "sandbox" in answer.headers["content-security-policy"]
    other = await Visitor(house).arrives()
    await other.enters()
    assert (await other.http.get(f"/chat/files/{id}")).status_code == 404
    await other.http.aclose()


async def test_a_document_nobody_asked_for_is_answered_and_not_kept(visitor: Visitor, tmp_path: Path) -> None:
    await visitor.enters()
    assert await visitor.sends("cv.pdf", PDF) == 204
    assert "text" in (await visitor.reads())[-1]
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


async def test_a_document_too_large_is_answered_and_not_kept(visitor: Visitor, tmp_path: Path) -> None:
    await visitor.enters()
    assert await visitor.sends("film.pdf", PDF + b"0" * (11 * 2**20)) == 204
    assert "text" in (await visitor.reads())[-1]
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


# for operators ----------------------------------------------------------------------------------------------------


async def test_health_says_that_all_is_well_and_metrics_name_nobody(visitor: Visitor) -> None:
    await visitor.enters()
    await visitor.says("Fatima Zahra du quartier Lazaret")
    health = await visitor.http.get("/health")
    assert (health.status_code, health.json()["wrong"]) == (200, [])
    metrics = (await visitor.http.get("/metrics")).text
    assert "mouwakib_turns_total" in metrics
    assert "Fatima" not in metrics
    assert visitor.http.cookies["mouwakib"] not in metrics
