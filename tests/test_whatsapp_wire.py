"""To the letter: what we send to Meta and what it sends us, each of its errors, its limits; with pywa as a second opinion."""

from __future__ import annotations

import asyncio
import hmac
import json
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pywa import errors as pywa_errors
from pywa.client import WhatsApp as Pywa
from pywa.types.callback import Button, Section, SectionList, SectionRow, URLButton
from pywa.types.templates import BodyText, QuickReplyButton, TemplateLanguage
from sqlalchemy import select

from bot.channels.base import Body, Doubt, Held, Later, Never, Outcome, Sent
from bot.channels.fit import fit, units
from bot.channels.whatsapp.calls import LIMITS, call, template_call
from bot.channels.whatsapp.channel import signed
from bot.channels.whatsapp.errors import RULES, judge, rule
from bot.channels.whatsapp.media import may_fetch
from bot.channels.whatsapp.rate_limit import Pace
from bot.channels.whatsapp.updates import NotAWebhook, Sender, is_phone, is_user, mark, parse
from bot.settings import HOME
from handlers.catalogue import catalogue
from handlers.notices import templates
from handlers.programme.load import load
from handlers.programme.model import Programme
from handlers.talk.words import LANGUAGES, Language, UserText, _, lines, read_languages
from storage.tables import OutboxRow
from tests import whatsapp_rules as rules
from tests.chat import Chat
from tests.test_transcripts import SCRIPTS
from tests.whatsapp import BUSINESS, NUMBER, TOKEN, WhatsApp

PHONE, USER = "212600000017", "MA.58204413"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
COMMON: dict[str, Any] = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": f"+{PHONE}"}


def said(text: str, *labels: str, aside: tuple[str, ...] = (), **more: Any) -> Body:
    buttons: list[dict[str, Any]] = [{"label": label, "carries": f"1.q={at}"} for at, label in enumerate(labels)]
    buttons += [{"label": label, "carries": f"/{label.lower()}", "aside": True} for label in aside]
    return {"text": text, "language": "fr", **({"buttons": buttons} if buttons else {}), **more}


def interactive(kind: str, text: str, action: Any, **more: Any) -> dict[str, Any]:
    return {
        **COMMON,
        "type": "interactive",
        "interactive": {"type": kind, **more, "body": {"text": text}, "action": action},
    }


def reply(id: str, title: str) -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": id, "title": title}}


# what we send -------------------------------------------------------------------------------------------------------

LONG = "Énergies renouvelables et efficacité énergétique"
GOLDENS: list[tuple[str, Body, list[dict[str, Any]]]] = [
    (
        "plain words",
        said("Bonjour *Salma*"),
        [{**COMMON, "type": "text", "text": {"preview_url": False, "body": "Bonjour *Salma*"}}],
    ),
    ("nothing to say", said(" "), [{**COMMON, "type": "text", "text": {"preview_url": False, "body": "…"}}]),
    (
        "two answers",
        said("D'accord ?", "Oui", "Non"),
        [interactive("button", "D'accord ?", {"buttons": [reply("1.q=0", "Oui"), reply("1.q=1", "Non")]})],
    ),
    (
        "three answers leave no room for “back”, which can be typed",
        said("Quand ?", "Lundi", "Mardi", "Jeudi", aside=("Retour",)),
        [
            interactive(
                "button",
                "Quand ?",
                {"buttons": [reply("1.q=0", "Lundi"), reply("1.q=1", "Mardi"), reply("1.q=2", "Jeudi")]},
            )
        ],
    ),
    (
        "“skip” is not dropped: then it is a list",
        said("Quand ?", "Lundi", "Mardi", "Jeudi", aside=("Passer", "Retour")),
        [
            interactive(
                "list",
                "Quand ?",
                {
                    "button": "Choisir",
                    "sections": [
                        {
                            "rows": [
                                {"id": "1.q=0", "title": "Lundi"},
                                {"id": "1.q=1", "title": "Mardi"},
                                {"id": "1.q=2", "title": "Jeudi"},
                                {"id": "/passer", "title": "Passer"},
                                {"id": "/retour", "title": "Retour"},
                            ]
                        }
                    ],
                },
            )
        ],
    ),
    (
        "a long label begins on the row and stands whole below it",
        said("Secteur ?", LONG, "Numérique"),
        [
            interactive(
                "list",
                "Secteur ?",
                {
                    "button": "Choisir",
                    "sections": [
                        {
                            "rows": [
                                {"id": "1.q=0", "title": "Énergies renouvelables…", "description": LONG},
                                {"id": "1.q=1", "title": "Numérique"},
                            ]
                        }
                    ],
                },
            )
        ],
    ),
    (
        "what fits no list becomes numbered lines",
        said("Lequel ?", *(f"Choix {n}" for n in range(1, 12))),
        [
            {
                **COMMON,
                "type": "text",
                "text": {
                    "preview_url": False,
                    "body": "Lequel ?\n\n" + "\n".join(f"{n}. Choix {n}" for n in range(1, 12)),
                },
            }
        ],
    ),
    (
        "two labels that look the same would be refused",
        said("Qui ?", "Karim", "Karim"),
        [{**COMMON, "type": "text", "text": {"preview_url": False, "body": "Qui ?\n\n1. Karim\n2. Karim"}}],
    ),
    (
        "a link opens, it does not answer",
        {
            "text": "Voir",
            "language": "fr",
            "buttons": [{"label": "Le site", "carries": "", "link": "https://exemple.ma"}],
        },
        [
            interactive(
                "cta_url",
                "Voir",
                {"name": "cta_url", "parameters": {"display_text": "Le site", "url": "https://exemple.ma"}},
            )
        ],
    ),
    (
        "a link beside answers stands in the text",
        {
            "text": "Voir",
            "language": "fr",
            "buttons": [
                {"label": "Site", "carries": "", "link": "https://exemple.ma"},
                {"label": "Menu", "carries": "/menu"},
            ],
        },
        [interactive("button", "Voir\nSite: https://exemple.ma", {"buttons": [reply("/menu", "Menu")]})],
    ),
    (
        "one's own number is shared with one tap",
        said("Votre numéro ?", contact="Partager mon numéro"),
        [interactive("button", "Votre numéro ?", {"buttons": [reply("contact", "Partager mon numéro")]})],
    ),
]


@pytest.mark.parametrize(("body", "calls"), [pytest.param(body, calls, id=name) for name, body, calls in GOLDENS])
def test_a_message_goes_out_to_the_letter(body: Body, calls: list[dict[str, Any]]) -> None:
    sent = [call(PHONE, part, "Choisir") for part in fit(body, LIMITS)]
    assert sent == calls
    for one in sent:
        rules.message(one)


def test_a_document_carries_its_words_and_its_buttons() -> None:
    file = ["x" * 32, "mouwakib.ics", "text/calendar", 9]
    (part,) = fit(said("Votre séance", file=file), LIMITS)
    assert call(PHONE, part, "", "55501") == {
        **COMMON,
        "type": "document",
        "document": {"id": "55501", "filename": "mouwakib.ics", "caption": "Votre séance"},
    }
    (part,) = fit(said("Votre séance", "Menu", file=file), LIMITS)
    header = {"type": "document", "document": {"id": "55501", "filename": "mouwakib.ics"}}
    assert call(PHONE, part, "", "55501") == interactive(
        "button", "Votre séance", {"buttons": [reply("1.q=0", "Menu")]}, header=header
    )


def test_somebody_without_a_number_is_named_by_their_id_and_nobody_is_made_up() -> None:
    part = {"text": "Bonjour", "language": "fr", "mark": mark(481, 1, 2)}
    named: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "recipient": USER,
        "biz_opaque_callback_data": "481.1.2",
    }
    assert call(USER, part, "") == {**named, "type": "text", "text": {"preview_url": False, "body": "Bonjour"}}
    for address in (
        "",
        "58204413.MA",
        "MA.",
        "ma.5820",
        "0600000017",
        "+212600000017",
        "web-visitor",
        "MA.58 20",
        "212" * 9,
        "٢١٢٦٠٠٠٠٠٠١٧",
    ):
        with pytest.raises(ValueError, match="neither"):
            call(address, part, "")
    assert is_user(USER) != is_phone(USER)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9_000)
labels = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Cf"]), min_size=1, max_size=90), max_size=14
)


@given(texts, labels)
def test_whatever_is_said_fits_and_no_answer_is_lost(text: str, answers: list[str]) -> None:
    parts = fit(said(text, *answers), LIMITS)
    for part in parts:
        rules.message(call(PHONE, part, "Choisir"))
    last = parts[-1]
    shown = [button["carries"] for button in [*last.get("buttons", ()), *last.get("rows", ())]]
    assert shown == [f"1.q={at}" for at in range(len(answers))] or not shown
    if not shown:
        whole = "".join("".join(part["text"].split()) for part in parts)
        assert all("".join(f"{at}. {answer}".split()) in whole for at, answer in enumerate(answers, 1))


@pytest.fixture(scope="module")
def languages() -> dict[str, Language]:
    return read_languages(HOME / "locales")


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load(HOME / "programmes" / "technopark-oujda.yaml")


def test_every_text_of_the_programme_fits_in_three_languages(
    programme: Programme, languages: dict[str, Language]
) -> None:
    told: list[dict[str, str]] = []

    def walk(found: Any) -> None:
        if isinstance(found, dict) and set(found) >= set(LANGUAGES):
            told.append(found)
        elif isinstance(found, dict | list | tuple):
            for one in found.values() if isinstance(found, dict) else found:
                walk(one)
        elif hasattr(found, "by_language"):
            told.append(dict(found.by_language))
        elif hasattr(found, "__dict__"):
            walk(vars(found))

    walk(vars(programme))
    assert len(told) > 200
    for text in told:
        for language in LANGUAGES:
            for part in fit({**said(text[language], "Oui", "Non", aside=("Retour",)), "language": language}, LIMITS):
                rules.message(call(PHONE, part, "Choisir"))
                assert units(part["text"]) <= 4096


# templates ----------------------------------------------------------------------------------------------------------


def test_every_notice_is_a_template_that_meta_could_approve(
    programme: Programme, languages: dict[str, Language]
) -> None:
    found = catalogue(languages, programme)
    names = {one.name for one in found}
    assert len(names) >= 24
    assert {(one.name, one.language) for one in found} == {(name, code) for name in names for code in LANGUAGES}
    for one in found:
        rules.creation(one.creation())
    assert {one.category for one in found} == {"UTILITY", "MARKETING"}
    assert [one.language for one in found if one.category == "MARKETING"] == list(LANGUAGES), (
        "announcements, and nothing else"
    )


def test_what_a_founder_does_with_a_session_reaches_a_silent_coach_in_full(languages: dict[str, Language]) -> None:
    line = _(
        "{time} · {founder} · {topic} · {place}", time="jeu. 10:00", founder="Salma", topic="Pitch", place=_("on site")
    )
    by = templates.said(languages, lines([_("A new session:"), line, _("Expects: {words}", words="Un avis")]), (), "fr")
    assert by is not None
    assert by["values"] == {
        "time_2": "jeu. 10:00",
        "founder_2": "Salma",
        "topic_2": "Pitch",
        "place_2": "sur place",
        "words_3": "Un avis",
    }
    assert (
        templates.said(languages, lines([_("A new session:"), line, _("Expects: {words}", words="Un\navis")]), (), "fr")
        is None
    ), "Meta refuses"
    assert templates.said(languages, lines([_("A new session:"), UserText("mes mots")]), (), "fr") is None, (
        "words of theirs are no template"
    )


TALKS = [
    path
    for path in SCRIPTS
    if path.name.endswith(".fr.txt") and path.parent.name in ("coaching", "team", "privacy", "track", "staff")
]


@pytest.mark.parametrize("script", TALKS)
async def test_every_notice_of_the_transcripts_is_in_the_catalogue(
    script: Path, sqlite_chat: Chat, languages: dict[str, Language]
) -> None:
    await sqlite_chat.play(script.read_text("utf-8"))
    known = {one.name for one in catalogue(languages, sqlite_chat.core.programme)}
    async with sqlite_chat.core.database.reading() as db:
        notices = list(await db.scalars(select(OutboxRow.body).where(OutboxRow.lane >= 1)))
    unknown = [body["text"] for body in notices if "template" in body and body["template"]["name"] not in known]
    assert unknown == []


def test_a_picture_is_an_image_beside_its_words_and_one_too_large_a_document() -> None:
    body = {
        "text": "Portes ouvertes",
        "language": "fr",
        "file": ["f" * 32, "affiche.jpg", "image/jpeg", 9_000],
        "picture": True,
    }
    for buttons in ([], [{"label": "Choisir mes annonces", "carries": "/news", "aside": True}]):
        (part,) = fit(body | {"buttons": buttons}, LIMITS)
        sent = call(PHONE, part, "Choisir", "55501")
        rules.message(sent)
        assert (sent["image"] if not buttons else sent["interactive"]["header"]["image"])["id"] == "55501"
    (part,) = fit(body | {"file": ["f" * 32, "affiche.jpg", "image/jpeg", 6 * 2**20]}, LIMITS)
    assert call(PHONE, part, "Choisir", "55501")["type"] == "document"


def test_a_template_is_called_with_its_values_and_what_its_buttons_carry() -> None:
    part = {
        "text": "",
        "language": "fr",
        "template": {"name": "rappel", "values": {"topic": "Pitch"}, "carries": ["/bookings yes 17"]},
        "mark": "7.1.1",
    }
    sent = template_call(PHONE, part, "fr")
    assert sent == {
        **COMMON,
        "biz_opaque_callback_data": "7.1.1",
        "type": "template",
        "template": {
            "name": "rappel",
            "language": {"code": "fr"},
            "components": [
                {"type": "body", "parameters": [{"type": "text", "parameter_name": "topic", "text": "Pitch"}]},
                {
                    "type": "button",
                    "sub_type": "quick_reply",
                    "index": "0",
                    "parameters": [{"type": "payload", "payload": "/bookings yes 17"}],
                },
            ],
        },
    }
    rules.message(sent)


# pywa, an independent client ----------------------------------------------------------------------------------------


@pytest.fixture
async def server() -> AsyncIterator[WhatsApp]:
    async with WhatsApp() as found:
        yield found


async def by_pywa(server: WhatsApp, work: Any) -> Any:
    """What the test server heard when pywa did it; pywa's own errors pass through."""

    def run() -> Any:
        with httpx.Client() as session:
            client = Pywa(phone_id=NUMBER, token=TOKEN, session=session, waba_id=BUSINESS)
            session.base_url = httpx.URL(server.url)  # its constructor sets Meta's
            return work(client)

    return await asyncio.to_thread(run)


def essence(sent: dict[str, Any]) -> dict[str, Any]:
    """A call without what Meta takes in two ways: the case of kinds, numbers as text, the title of a section that is the only one."""
    found: dict[str, Any] = json.loads(json.dumps(sent))
    for section in found.get("interactive", {}).get("action", {}).get("sections", []):
        section.pop("title", None)
    for component in found.get("template", {}).get("components", []):
        component |= {name: str(component[name]).lower() for name in ("type", "sub_type", "index") if name in component}
        for parameter in component["parameters"]:
            parameter["type"] = parameter["type"].lower()
    return found


async def test_pywa_says_the_same_in_the_same_words(server: WhatsApp) -> None:
    salma = server.person("Salma")
    salma.window = server.now() + timedelta(hours=1)
    server.templates["rappel", "fr"] = {
        "status": "APPROVED",
        "components": [
            {"type": "BODY", "text": "La séance {{topic}} a lieu demain."},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Oui"}]},
        ],
    }
    button, row = Button, SectionRow
    menu = SectionList("Choisir", [Section("x", [row("Lundi", "1.q=0"), row("Énergies…", "1.q=1", LONG)])])
    link = URLButton("Le site", "https://exemple.ma")
    answers = [button("Oui", "1.q=0"), button("Non", "1.q=1")]
    template = [BodyText.params(topic="Pitch"), QuickReplyButton.params(callback_data="/yes", index=0)]
    number = f"+{salma.phone}"

    def talk(client: Pywa) -> None:
        client.send_message(number, "Bonjour", tracker="481.1.1")
        client.send_message(number, "D'accord ?", buttons=answers, tracker="481.1.1")
        client.send_message(number, "Secteur ?", buttons=menu, tracker="481.1.1")
        client.send_message(number, "Voir", buttons=link, tracker="481.1.1")
        client.send_template(number, "rappel", TemplateLanguage.FRENCH, template, tracker="481.1.1")

    await by_pywa(server, talk)
    theirs = [essence(one.said) for one in server.messages]
    rows = [{"label": "Lundi", "carries": "1.q=0"}, {"label": "Énergies…", "detail": LONG, "carries": "1.q=1"}]
    part = {"language": "fr", "mark": "481.1.1"}
    linked = {"label": "Le site", "carries": "", "link": "https://exemple.ma"}
    ours = [
        call(salma.phone, {**part, "text": "Bonjour"}, ""),
        call(salma.phone, {**part, "text": "D'accord ?", "buttons": said("", "Oui", "Non")["buttons"]}, ""),
        call(salma.phone, {**part, "text": "Secteur ?", "rows": rows}, "Choisir"),
        call(salma.phone, {**part, "text": "Voir", "buttons": [linked]}, ""),
        template_call(
            salma.phone,
            {**part, "text": "", "template": {"name": "rappel", "values": {"topic": "Pitch"}, "carries": ["/yes"]}},
            "fr",
        ),
    ]
    assert theirs == [essence(one) for one in ours]


async def test_our_whatsapp_refuses_what_meta_refuses_in_words_pywa_understands(server: WhatsApp) -> None:
    salma = server.person("Salma")
    number = f"+{salma.phone}"
    with pytest.raises(pywa_errors.ReEngagementMessage):
        await by_pywa(server, lambda client: client.send_message(number, "Bonjour"))
    salma.window = server.now() + timedelta(hours=1)
    four = [Button(f"Choix {n}", f"{n}") for n in range(4)]
    with pytest.raises(pywa_errors.InvalidParameter):
        await by_pywa(server, lambda client: client.send_message(number, "Lequel ?", buttons=four))
    with pytest.raises(pywa_errors.InvalidParameter):
        await by_pywa(server, lambda client: client.send_message(number, "x" * 5000))
    with pytest.raises(pywa_errors.TemplateNotExists):
        await by_pywa(server, lambda client: client.send_template(number, "nothing", TemplateLanguage.FRENCH, []))
    with pytest.raises(pywa_errors.TooManyMessages):
        await by_pywa(server, lambda client: [client.send_message(number, "x") for _ in range(60)])


def test_pywa_knows_the_codes_we_know() -> None:
    kinds = (
        pywa_errors.AuthorizationError,
        pywa_errors.ThrottlingError,
        pywa_errors.IntegrityError,
        pywa_errors.SendMessageError,
    )
    known = {
        code
        for kind in kinds
        for one in kind.__subclasses__()
        for code in (getattr(one, "__error_codes__", None) or ())
    }
    assert len(known) > 120
    assert {code for code in known if rule(code).why == "unknown error"} == set()


# what Meta's errors mean --------------------------------------------------------------------------------------------

EXPECTED: dict[str, tuple[type[Outcome], str, tuple[int, ...]]] = {
    "the account waits until a human acts": (
        Later,
        "down",
        (0, 3, 10, 190, 200, 299, 368, 130497, 131005, 131031, 131037, 131042, 131044, 131045, 133010),
    ),
    "everybody waits a little": (Later, "slower", (4, 80007, 130429)),
    "this person waits": (Later, "pair", (131056,)),
    "all but replies wait, and a human looks": (Later, "look", (131048, 131064, 133016)),
    "it passes": (Later, "", (1, 2, 131000, 131016, 131049, 131053, 131057, 133004, 135000)),
    "only a template": (Held, "window", (131047,)),
    "another template": (Held, "template", (132001, 132015, 132016)),
    "nobody is there": (Never, "nobody", (131026,)),
    "no news for them": (Never, "no_news", (131050,)),
    "never, and a human looks": (
        Never,
        "look",
        (33, 100, 131008, 131009, 131030, 132000, 132005, 132007, 132008, 132012, 132018),
    ),
    "never": (Never, "", (130472, 131021, 131051, 131052, 131062, 131063, 132068, 132069, 137000)),
}
ROWS = [(code, kind, follows, name) for name, (kind, follows, codes) in EXPECTED.items() for code in codes]


@pytest.mark.parametrize(
    ("code", "kind", "follows"),
    [pytest.param(code, kind, follows, id=f"{code} {name}") for code, kind, follows, name in ROWS],
)
def test_each_error_has_its_outcome(code: int, kind: type[Outcome], follows: str) -> None:
    outcome, found = judge(400, json.dumps(rules.Refused(code, "words that change").body()).encode())
    assert (type(outcome), found, rule(code).follows) == (kind, code, follows)
    assert rule(code).source


def test_no_error_of_the_table_is_untested() -> None:
    assert {code for code, *_rest in ROWS} >= set(RULES)


@pytest.mark.parametrize(
    ("status", "raw", "kind"),
    [
        (200, b'{"messages": [{"id": "wamid.X"}]}', Sent),
        (200, b"<html>", Doubt),
        (200, b'{"messages": []}', Doubt),
        (500, b"<html>", Later),
        (503, b"", Later),
        (429, b"slow down", Later),
        (401, b"", Later),
        (403, b"a captive portal", Later),
        (400, b'{"error": {"code": 999999}}', Never),
        (400, b'{"error": {"code": 999999, "is_transient": true}}', Later),
        (500, b'{"error": {"code": 999999}}', Later),
        (400, b'{"error": {"code": "?"}}', Later),
    ],
)
def test_answers_that_are_no_answers_are_told_apart(status: int, raw: bytes, kind: type[Outcome]) -> None:
    assert isinstance(judge(status, raw)[0], kind)


# what Meta sends us -------------------------------------------------------------------------------------------------


def envelope(*messages: dict[str, Any], contacts: Any = None, **value: Any) -> bytes:
    contacts = (
        [{"profile": {"name": "Salma", "username": "@salma.ouj"}, "wa_id": PHONE, "user_id": USER}]
        if contacts is None
        else contacts
    )
    whole = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "212536000000", "phone_number_id": "7001"},
        "contacts": contacts,
    }
    whole |= {"messages": list(messages)} if messages else {}
    return json.dumps(
        {
            "object": "whatsapp_business_account",
            "entry": [{"id": "9001", "changes": [{"field": "messages", "value": whole | value}]}],
        }
    ).encode()


def from_salma(**content: Any) -> dict[str, Any]:
    return {"from": PHONE, "from_user_id": USER, "id": "wamid.IN77", "timestamp": "1763888400", **content}


CONTEXT = {"context": {"from": "212536000000", "id": "wamid.OUT1"}}
KARIM = [
    {
        "name": {"formatted_name": "Karim B", "first_name": "Karim"},
        "phones": [{"phone": "+212 600-000018", "wa_id": "212600000018"}],
    }
]
OWN = [{"name": {"formatted_name": "Salma"}, "phones": [{"phone": "+212 600-000017", "type": "CELL"}]}]
READS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("words", {"type": "text", "text": {"body": "سلام"}}, {"kind": "text", "text": "سلام"}),
    (
        "a reply to a message",
        {"type": "text", "text": {"body": "oui"}, **CONTEXT},
        {"kind": "text", "reply_to": "wamid.OUT1"},
    ),
    ("no words", {"type": "text", "text": {"body": " "}}, {"kind": "other"}),
    (
        "a button",
        {
            "type": "interactive",
            "interactive": {"type": "button_reply", "button_reply": {"id": "1.q=ok", "title": "Confirmer"}},
            **CONTEXT,
        },
        {"kind": "press", "press": "1.q=ok", "text": "Confirmer", "reply_to": ""},
    ),
    (
        "a row",
        {
            "type": "interactive",
            "interactive": {
                "type": "list_reply",
                "list_reply": {"id": "1.q=fin", "title": "التمويل", "description": "قروض"},
            },
        },
        {"kind": "press", "press": "1.q=fin", "text": "التمويل"},
    ),
    (
        "a button of a template",
        {"type": "button", "button": {"payload": "/yes", "text": "Oui"}, **CONTEXT},
        {"kind": "press", "press": "/yes"},
    ),
    ("a button without a name", {"type": "button", "button": {"text": "Oui"}}, {"kind": "press", "press": "?"}),
    (
        "a form",
        {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "{}"}}},
        {"kind": "other"},
    ),
    (
        "a document",
        {"type": "document", "document": {"id": "66002", "filename": "statuts.pdf", "caption": "statuts"}},
        {"kind": "file", "text": "statuts"},
    ),
    (
        "a picture",
        {"type": "image", "image": {"id": "66003", "mime_type": "image/jpeg", "sha256": "e3r4"}},
        {"kind": "file"},
    ),
    ("a voice", {"type": "audio", "audio": {"id": "66004", "voice": True}}, {"kind": "voice"}),
    ("a film", {"type": "video", "video": {"id": "66005"}}, {"kind": "other"}),
    ("a sticker", {"type": "sticker", "sticker": {"id": "66006"}}, {"kind": "sticker"}),
    ("a place", {"type": "location", "location": {"latitude": 34.68, "longitude": -1.91}}, {"kind": "place"}),
    ("somebody's card", {"type": "contacts", "contacts": KARIM}, {"kind": "card"}),
    ("one's own card", {"type": "contacts", "contacts": OWN}, {"kind": "contact", "text": f"+{PHONE}"}),
    (
        "what WhatsApp cannot tell",
        {"type": "unsupported", "errors": [{"code": 131051, "title": "Message type unknown"}]},
        {"kind": "other"},
    ),
    ("an edit", {"type": "edit", "edit": {"original_message_id": "wamid.IN1"}}, {"kind": "edited"}),
    ("a chat that was opened", {"type": "request_welcome"}, {"kind": "text", "text": "/start"}),
    ("an order", {"type": "order", "order": {"catalog_id": "1"}}, {"kind": "other"}),
    ("a kind of next year", {"type": "hologram", "hologram": [1]}, {"kind": "other"}),
    ("a broken one", {"type": "text", "text": ["?"]}, {"kind": "other"}),
]


@pytest.mark.parametrize(
    ("content", "expected"), [pytest.param(content, expected, id=name) for name, content, expected in READS]
)
def test_each_kind_of_message_is_read(content: dict[str, Any], expected: dict[str, Any]) -> None:
    (found,) = parse(envelope(from_salma(**content)), "7001", NOW).said
    assert found.sender == Sender(PHONE, USER, "Salma")
    assert found.incoming is not None
    assert {name: getattr(found.incoming, name) for name in expected} == expected
    assert (found.incoming.id, found.incoming.channel, found.incoming.at) == (
        "wamid.IN77",
        "whatsapp",
        datetime.fromtimestamp(1763888400, UTC),
    )


@pytest.mark.parametrize(
    ("message", "contacts", "sender"),
    [
        ({"from": PHONE, "from_user_id": USER}, [], Sender(PHONE, USER)),
        ({"from": PHONE}, [{"wa_id": PHONE, "user_id": USER}], Sender(PHONE, USER)),
        ({"from": PHONE}, [{"wa_id": PHONE}], Sender(PHONE, "")),
        ({"from_user_id": USER}, [{"user_id": USER, "profile": {"name": "Salma"}}], Sender("", USER, "Salma")),
        ({"from": USER}, [], Sender("", USER)),
        ({"from": PHONE}, [{"wa_id": "212600000099", "user_id": "MA.1"}], Sender(PHONE, "")),
        ({"from": PHONE, "from_user_id": "58204413"}, [], Sender(PHONE, "")),
    ],
)
def test_the_two_names_of_a_person_are_kept_apart(message: dict[str, Any], contacts: Any, sender: Sender) -> None:
    raw = envelope(
        {"id": "wamid.1", "timestamp": "1763888400", "type": "text", "text": {"body": "x"}, **message},
        contacts=contacts,
    )
    assert [one.sender for one in parse(raw, "7001", NOW).said] == [sender]


def test_a_message_of_a_group_is_not_for_us() -> None:
    assert parse(envelope(from_salma(type="text", text={"body": "x"}, group_id="G1")), "7001", NOW).said == []


def test_statuses_of_old_and_new_webhooks_are_read() -> None:
    """Without contacts, with or without our mark, with a price or an error: what pywa stumbles over."""
    statuses = [
        {"id": "wamid.1", "status": "delivered", "timestamp": "1", "recipient_id": PHONE, "biz_opaque_callback_data": "481.2.2", "pricing": {"billable": True, "category": "utility"}},
        {"id": "wamid.2", "status": "failed", "errors": [{"code": 131026, "title": "Message undeliverable"}], "biz_opaque_callback_data": "482.1.2"},
        {"id": "wamid.3", "status": "played", "biz_opaque_callback_data": "obx-000481"},
        {"id": "wamid.4", "status": "warming_up"},
    ]  # fmt: skip
    found = parse(envelope(contacts=[], statuses=statuses), "7001", NOW)
    assert [(s.platform_id, s.state, s.letter, s.last, s.code, s.billed) for s in found.statuses] == [
        ("wamid.1", "delivered", 481, True, 0, "utility"),
        ("wamid.2", "failed", 482, False, 131026, ""),
        ("wamid.3", "read", 0, True, 0, ""),
    ]
    assert found.poisoned == 0


def test_every_message_of_every_change_of_every_entry_is_read() -> None:
    one = json.loads(
        envelope(from_salma(type="text", text={"body": "x"}), from_salma(type="text", text={"body": "y"}))
    )["entry"][0]
    whole = {"entry": [{**one, "changes": one["changes"] * 3}] * 2}
    assert len(parse(json.dumps(whole).encode(), "7001", NOW).said) == 12


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"7", b"null", b'{"entry": 5}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_webhook_is_told(raw: bytes) -> None:
    with pytest.raises(NotAWebhook):
        parse(raw, "7001", NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "from", "type", "text", "body", "messages", "statuses", "status"]), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@given(json_values)
def test_nothing_that_can_be_sent_breaks_the_reader(value: Any) -> None:
    good = from_salma(type="text", text={"body": "سلام"})
    raw = json.loads(envelope(good))
    raw["entry"][0]["changes"].insert(0, {"field": "messages", "value": value})
    raw["entry"][0]["changes"][1]["value"]["messages"].insert(0, value)
    found = parse(json.dumps(raw).encode(), "7001", NOW)
    assert "سلام" in [one.incoming.text for one in found.said if one.incoming is not None]


def test_a_signature_is_of_these_very_bytes() -> None:
    secret, body = b"only-meta", envelope(from_salma(type="text", text={"body": "سلام"}))
    right = b"sha256=" + hmac.new(secret, body, "sha256").hexdigest().encode()
    assert signed(body, secret, right)
    chance = random.Random(5)
    for _n in range(10_000):
        at, bit = chance.randrange(len(body)), 1 << chance.randrange(8)
        assert not signed(body[:at] + bytes([body[at] ^ bit]) + body[at + 1 :], secret, right)
    for wrong in (
        b"",
        b"sha256=",
        right[:-1],
        right.upper(),
        right + b" ",
        right.replace(b"sha256", b"sha1"),
        b"\xff" * 71,
    ):
        assert not signed(body, secret, wrong)
    assert not signed(body, b"another", right)


# documents ----------------------------------------------------------------------------------------------------------

META = "https://graph.facebook.com/v25.0"
OUTSIDE = [
    f"{scheme}://{host}{path}"
    for scheme in ("https", "http")
    for host in (
        "169.254.169.254", "127.0.0.1", "localhost", "[::1]", "[::ffff:169.254.169.254]", "[fe80::1]", "10.0.0.7", "192.168.1.1", "0.0.0.0", "2130706433",
        "0x7f000001", "017700000001", "metadata.google.internal", "lookaside.fbsbx.com.evil.example", "evil.example", "fbsbx.com.evil.example",
        "lookaside-fbsbx.com", "user@evil.example", "lookaside.fbsbx.com@evil.example", "lookaside.fbsbx.com:pass@evil.example", "lookaside.fbsbx.com:8443",
        "evilfbsbx.com", "xn--lookaside-fbsbx.com", "lookaside.fbsbx.cοm", "evil.example#.fbsbx.com", "evil.example\\.fbsbx.com", "fbsbx.com",
    )
    for path in ("/x",)
] + ["file:///etc/passwd", "ftp://lookaside.fbsbx.com/x", "http://lookaside.fbsbx.com/x", "gopher://lookaside.fbsbx.com/", "//lookaside.fbsbx.com/x", "", "https:///x",
     "https://lookaside.fbsbx.com:99999/x", "https://[lookaside.fbsbx.com/x", "javascript:alert(1)", "https://graph.facebook.com:8443/x"]  # fmt: skip


@pytest.mark.parametrize("address", OUTSIDE)
def test_no_document_is_fetched_from_anywhere_but_meta(address: str) -> None:
    assert not may_fetch(address, META)


@pytest.mark.parametrize(
    "address",
    ["https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", "https://mmg.whatsapp.net/x", f"{META}/x"],
)
def test_a_document_of_metas_is_fetched(address: str) -> None:
    assert may_fetch(address, META)


# pace ---------------------------------------------------------------------------------------------------------------


def test_one_person_gets_forty_at_once_and_then_one_in_six_seconds() -> None:
    pace = Pace()
    assert [pace.pair("a", 1000.0) for _ in range(40)] == [0.0] * 40
    assert pace.pair("a", 1000.0) == pytest.approx(6.0)
    assert pace.pair("b", 1000.0) == 0.0
    assert pace.pair("a", 1006.1) == 0.0
    assert pace.pair("a", 1006.1) > 0


def test_after_refusals_one_person_waits_four_times_as_long_each_time() -> None:
    pace = Pace()
    assert [pace.refused("a") for _ in range(3)] == [4, 16, 64]
    pace.went("a")
    assert pace.refused("a") == 4


def test_the_account_sends_eighty_a_second_and_a_quarter_is_left_to_replies() -> None:
    pace = Pace()
    notices = sum(pace.account(1000.0, reply=False) == 0 for _ in range(200))
    replies = sum(pace.account(1000.0, reply=True) == 0 for _ in range(200))
    assert (notices, notices + replies) == (60, 80)
    sent = sum(pace.account(1000 + at / 200, reply=True) == 0 for at in range(1, 401))
    assert 158 <= sent <= 161, "two seconds later"


def test_when_meta_refuses_it_goes_half_as_fast_and_recovers() -> None:
    pace = Pace()
    pace.account(1000.0, reply=True)
    pace.slower()
    assert pace.rate == 40
    assert sum(pace.account(1000 + at / 100, reply=True) == 0 for at in range(1, 101)) == pytest.approx(40, abs=2)
    pace.account(1200.0, reply=True)
    assert pace.rate == 80
