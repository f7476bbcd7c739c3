"""The page in a real browser, as a founder's hands and eyes, a keyboard and a screen reader find it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Request, Route, expect

from bot.web import pages
from storage import files, outbox, people
from tests import browser
from tests.chat import plain
from tests.house import PDF, House

pytestmark = [
    pytest.mark.skipif(browser.find() is None, reason="no browser; see tests/browser.sh"),
    pytest.mark.asyncio(loop_scope="module"),  # the browser's, which is started once
]
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 720}, "has_touch": True, "is_mobile": True}
POSTS = "**/chat/messages"


@pytest_asyncio.fixture(loop_scope="module")
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with House.on(sqlite_url, tmp_path) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with browser.browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A phone set to Arabic; whatever its console complains of fails the test."""
    found = await chromium.new_context(**PHONE, locale="ar-MA", reduced_motion="reduce")
    found.set_default_timeout(browser.PATIENCE_MS)
    complaints: list[str] = []
    found.on("weberror", lambda error: complaints.append(str(error.error)))
    found.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" and "ERR_" not in said.text else None,
    )
    yield found
    await found.close()
    assert not complaints


@pytest_asyncio.fixture(loop_scope="module")
async def page(house: House, context: BrowserContext) -> Page:
    found = await context.new_page()
    await found.goto(house.url)
    return found


async def press(page: Page, label: str) -> None:
    await page.get_by_role("button", name=label, exact=True).last.click()


async def write(page: Page, words: str) -> None:
    await page.get_by_role("textbox").fill(words)
    await page.keyboard.press("Enter")


async def enter(page: Page) -> None:
    """Through the door, in Arabic."""
    await press(page, "العربية")
    await press(page, "أوافق")
    await expect(page.get_by_role("button", name="هل مشروعي مؤهل؟")).to_be_visible()


async def texts(page: Page, kind: str = "") -> list[str]:
    """What stands in the bubbles, the words for screen readers left out."""
    found = await page.locator(f"#talk li{kind} .words").evaluate_all(
        "all => all.map(one => [...one.childNodes].slice(1).map(n => n.textContent).join(''))"
    )
    return [plain(one) for one in found]


# a founder ----------------------------------------------------------------------------------------------------------


async def test_a_founder_learns_in_arabic_whether_the_hub_is_for_them(page: Page) -> None:
    await enter(page)
    await press(page, "هل مشروعي مؤهل؟")
    await press(page, "مقاولة ناشئة أو شركة")
    await write(page, "١")  # the first line, in Eastern digits
    for _question in range(7):
        live = page.locator("#talk li.ours:last-child .choices button:not(.aside)")
        if await page.get_by_text("يبدو أن").count():
            break
        await live.first.click()
        await expect(page.locator("#talk li.ours:last-child .choices button").first).to_be_enabled()
    assert await page.locator("html").get_attribute("dir") == "rtl"
    assert await page.locator("html").get_attribute("lang") == "ar"
    before = await texts(page)
    await page.reload()
    await expect(page.locator("#talk li.ours")).not_to_have_count(0)
    assert (await texts(page))[-4:] == before[-4:]


async def test_a_founder_sends_a_whole_application_in_arabic_and_finds_it_again(house: House, page: Page) -> None:
    script = (Path(__file__).parent / "transcripts" / "application" / "project_holder.ar.txt").read_text("utf-8")
    await browser.play(page, script.partition("\n")[2], house)
    await expect(page.locator("#talk li.ours").last).to_contain_text(re.compile("OUJ-20[0-9]{2}-0001"))
    await page.reload()
    await expect(page.locator("#talk li.ours").last).to_contain_text(re.compile("OUJ-20[0-9]{2}-0001"))


async def test_a_deep_link_opens_its_conversation_once(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    await page.goto(f"{house.url}/?start=apply")
    await press(page, "العربية")
    await press(page, "أوافق")
    await expect(page.get_by_role("button", name="تعاونية")).to_be_visible()
    assert page.url == f"{house.url}/"
    await page.reload()
    await expect(page.get_by_role("button", name="تعاونية")).to_be_visible()
    assert "/start" not in " ".join(await texts(page))


async def test_a_document_goes_up_and_ones_own_data_comes_down(page: Page) -> None:
    await enter(page)
    await page.locator("#files").set_input_files(
        {"name": "السيرة الذاتية.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    await expect(page.locator("#talk li.own").last).to_contain_text("السيرة الذاتية.pdf")
    await expect(page.locator("#talk li.ours").last).to_contain_text("أما الوثائق فتأتي لاحقًا")
    await write(page, "معطياتي")
    await page.locator("#talk li.ours:last-child .choices button").nth(1).click()
    async with page.expect_download() as coming:
        await page.locator(".document").click()
    data = json.loads((await (await coming.value).path()).read_text("utf-8"))
    assert data["person"]["language"] == "ar"


async def test_a_document_too_large_is_not_even_sent(page: Page, tmp_path: Path) -> None:
    film = tmp_path / "film.pdf"
    film.write_bytes(b"0" * (10 * 2**20 + 1))
    await enter(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    await page.locator("#files").set_input_files(film)
    await expect(page.locator("#note")).to_contain_text("10")
    assert not [url for url in sent if "/chat/files" in url]


async def test_what_a_founder_writes_is_never_markup(page: Page) -> None:
    await enter(page)
    words = "<img src=x onerror=alert(1)><b>salam</b> &amp; javascript:alert(1)"
    await write(page, words)
    await expect(page.locator("#talk li.own").last).to_contain_text(words)
    await page.reload()
    await expect(page.locator("#talk li.own").last).to_contain_text(words)
    assert await page.locator("#talk img, #talk b, #talk script").count() == 0


async def test_an_address_in_our_words_can_be_followed_and_nothing_else(page: Page) -> None:
    await enter(page)
    await page.evaluate(
        """show({id: 9e15, at: new Date(), language: "fr", text: "Voir https://www.cndp.ma/fr, puis javascript:alert(1)."})"""
    )
    links = page.locator("#talk li.ours .words a")
    await expect(links).to_have_count(1)
    assert await links.get_attribute("href") == "https://www.cndp.ma/fr"


# the network --------------------------------------------------------------------------------------------------------


async def test_what_is_written_without_a_network_goes_out_when_it_is_back(page: Page, context: BrowserContext) -> None:
    await enter(page)
    await context.set_offline(True)
    await write(page, "كم ثمن الكراء؟")
    await expect(page.locator("#note")).to_contain_text("لا توجد شبكة")
    await expect(page.locator("#talk li.own").last).to_contain_text("لم تُرسَل بعد")
    await context.set_offline(False)
    await expect(page.locator("#talk li.ours").last).to_contain_text("التسعيرة")
    await expect(page.locator("#note")).to_be_hidden()
    await expect(page.locator("#talk li.own").last).not_to_contain_text("لم تُرسَل بعد")


async def test_what_could_not_be_sent_survives_a_reload_and_arrives_once(page: Page, context: BrowserContext) -> None:
    await enter(page)
    await context.route(POSTS, lambda route: route.abort())
    await write(page, "كم ثمن الكراء؟")
    await expect(page.locator("#talk li.own").last).to_contain_text("لم تُرسَل بعد")
    await page.reload()
    await expect(page.locator("#talk li.own").last).to_contain_text("كم ثمن الكراء؟")
    await context.unroute(POSTS)
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.locator("#talk li.ours").last).to_contain_text("التسعيرة")
    await page.reload()
    await expect(page.locator("#talk li.ours").last).to_contain_text("التسعيرة")
    assert (await texts(page)).count("كم ثمن الكراء؟") == 1


async def test_an_acknowledgement_that_was_lost_doubles_nothing(page: Page, context: BrowserContext) -> None:
    await enter(page)
    lost = 0

    async def lose_the_answer(route: Route) -> None:
        nonlocal lost
        await route.fetch()
        lost += 1
        await (route.abort() if lost < 3 else route.continue_())

    await context.route(POSTS, lose_the_answer)
    await write(page, "كم ثمن الكراء؟")
    await expect(page.locator("#note")).to_be_hidden()
    await expect(page.locator("#talk li.own .state").last).to_have_text("")
    await page.reload()
    await expect(page.locator("#talk li.ours").last).to_contain_text("التسعيرة")
    found = await texts(page)
    assert found.count("كم ثمن الكراء؟") == 1
    assert sum("التسعيرة" in one for one in found) == 1


async def test_the_bot_may_go_away_and_come_back_in_the_middle_of_a_talk(house: House, page: Page) -> None:
    await enter(page)
    await house.stop()
    await write(page, "كم ثمن الكراء؟")
    await expect(page.locator("#note")).to_be_visible()
    await write(page, "القائمة")
    await house.start()
    await expect(page.locator("#note")).to_be_hidden()
    await expect(page.locator("#talk li.ours").last).to_contain_text("بماذا")
    assert [one for one in await texts(page, ".own") if one != "أوافق"][-2:] == ["كم ثمن الكراء؟", "القائمة"]


async def test_somebody_who_waits_sees_that_an_answer_is_coming(page: Page, context: BrowserContext) -> None:
    await enter(page)
    go = asyncio.Event()

    async def hold(route: Route) -> None:
        await go.wait()
        await route.continue_()

    await context.route(POSTS, hold)
    await write(page, "القائمة")
    await expect(page.get_by_role("status").filter(has_text="مُواكِب يكتب")).to_be_visible()
    go.set()
    await expect(page.locator("#typing")).to_be_hidden()


# everybody ----------------------------------------------------------------------------------------------------------


async def test_the_whole_talk_is_held_with_a_keyboard_alone(house: House, chromium: Browser) -> None:
    page = await chromium.new_page(locale="en-GB")
    page.set_default_timeout(browser.PATIENCE_MS)
    await page.goto(house.url)
    await expect(page.get_by_role("button", name="English")).to_be_visible()
    await page.locator("#menu").focus()
    for label in ("English", "I agree"):
        for _key in range(12):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.textContent") == label:
                break
        await page.keyboard.press("Enter")
        await expect(page.locator("#talk li.own").last).to_contain_text(label)
        await expect(page.locator("#talk li:last-child.ours .choices")).to_be_visible()
        await page.locator("#menu").focus()
    await expect(page.get_by_role("button", name="Am I eligible?")).to_be_visible()
    await page.close()


async def test_a_screen_reader_hears_who_says_what_and_every_control_has_a_name(page: Page) -> None:
    await enter(page)
    heard = await page.locator("body").aria_snapshot()
    assert '- log "محادثتنا"' in heard
    assert "أنتم:" in heard
    assert "مُواكِب:" in heard
    assert not re.search(r"- (button|textbox|link)\s*$", heard, re.M), "a control without a name"
    for control in ("إضافة وثيقة أو صورة", "إرسال", "القائمة"):
        assert f'button "{control}"' in heard


async def test_fingers_find_every_button(page: Page) -> None:
    await enter(page)
    boxes = [
        await one.bounding_box()
        for one in await page.locator("header button, footer button, #talk li:last-child button").all()
    ]
    assert boxes
    assert all(box and box["height"] >= 44 and box["width"] >= 44 for box in boxes)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "nothing sticks out of a small screen"
    )


async def test_words_stand_out_from_their_ground_in_light_and_in_dark() -> None:
    style = (pages.STATIC / "style.css").read_text("utf-8")
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#\w+)", block)) for block in re.findall(r":root \{(.*?)\}", style, re.S)
    )
    pairs = [
        ("ink", "ground"),
        ("ink", "paper"),
        ("ink", "own"),
        ("quiet", "ground"),
        ("quiet", "paper"),
        ("press", "paper"),
        ("press", "own"),
    ]
    for colours in (light, dark):
        for over, under in [*pairs, ("on-brand", "brand"), ("on-warn", "warn")]:
            assert contrast(colours[over], colours[under]) >= 4.5, (over, under)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


async def test_an_old_button_explains_itself(page: Page) -> None:
    await enter(page)
    await press(page, "هل مشروعي مؤهل؟")
    await press(page, "تعاونية")
    await expect(page.locator("#talk li.ours").last).to_contain_text("مجال")
    await page.evaluate("""say({text: "old", press: "eligibility:1:gone=x"})""")
    await expect(page.locator("#talk li.own").last).to_contain_text("old")
    await expect(page.locator("#talk li:last-child.ours")).to_contain_text("ما هو مجال مشروعكم؟")


async def test_the_page_asks_nobody_but_its_own_house(house: House, context: BrowserContext) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    context.on("request", note)
    page = await context.new_page()
    await page.goto(house.url)
    await enter(page)
    assert asked
    assert all(url.startswith(house.url) for url in asked)


async def test_the_picture_of_an_announcement_is_shown_and_can_be_downloaded(house: House, page: Page) -> None:
    from PIL import Image

    await enter(page)
    core, buffer = house.served.core, BytesIO()
    Image.new("RGB", (600, 300), "green").save(buffer, "JPEG")
    id = core.store.keep(buffer.getvalue())
    body = {
        "text": "📣 أبواب مفتوحة",
        "language": "ar",
        "file": [id, "affiche.jpg", "image/jpeg", len(buffer.getvalue())],
        "picture": True,
    }
    async with core.database.transaction() as db:
        who = (await people.listed(db))[0][0]
        await files.keep(db, who, id, "affiche.jpg", "image/jpeg", len(buffer.getvalue()), core.clock.now())
        await outbox.notify(db, who, body, core.clock.now())
    core.sender.wake()
    picture = page.get_by_role("img", name="أبواب مفتوحة")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("one => one.naturalWidth") == 600
    async with page.expect_download() as loading:
        await picture.click()
    assert (await loading.value).suggested_filename == "affiche.jpg"
