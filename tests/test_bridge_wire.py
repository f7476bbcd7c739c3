"""What goes over the wire to a bridge, to the letter, and what its webhooks mean; the pace; one line for each wrong setting."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.bridge.channel import Bridge, Call, Event, Media, Said, Session, Ticks, Whom
from bot.channels.bridge.gowa import Gowa
from bot.channels.bridge.rate_limit import FULL_S, LONGEST_S, MOST_A_DAY, Manners, share, typing
from bot.channels.bridge.waha import Waha, bare
from bot.settings import BadSettings, read_settings

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AT = datetime(2026, 11, 23, 11, 20, tzinfo=UTC)
waha = Waha("key", "oujda", "only-the-bridge-signs-so")
gowa = Gowa("hub:word", "", "only-the-bridge-signs-so")

# our calls ------------------------------------------------------------------------------------------------------------

GOLDENS: list[tuple[Call, str, dict[str, Any]]] = [
    (
        waha.words("212600000017", "Bonjour"),
        "/api/sendText",
        {"session": "oujda", "chatId": "212600000017@c.us", "text": "Bonjour", "reply_to": None, "linkPreview": False},
    ),
    (
        waha.words("99887766@lid", "سلام"),
        "/api/sendText",
        {"session": "oujda", "chatId": "99887766@lid", "text": "سلام", "reply_to": None, "linkPreview": False},
    ),
    (
        waha.document("212600000017", "Votre copie", "mouwakib.json", "application/json", b"{}"),
        "/api/sendFile",
        {
            "session": "oujda",
            "chatId": "212600000017@c.us",
            "caption": "Votre copie",
            "file": {"mimetype": "application/json", "filename": "mouwakib.json", "data": "e30="},
        },
    ),
    (waha.signs("212600000017"), "/api/startTyping", {"session": "oujda", "chatId": "212600000017@c.us"}),
    (waha.signs("212600000017", "AB12"), "/api/sendSeen", {"session": "oujda", "chatId": "212600000017@c.us"}),
    (
        gowa.words("212600000017", "Bonjour"),
        "/send/message",
        {"phone": "212600000017@s.whatsapp.net", "message": "Bonjour"},
    ),
    (gowa.words("99887766@lid", "سلام"), "/send/message", {"phone": "99887766@lid", "message": "سلام"}),
    (gowa.signs("212600000017"), "/send/chat-presence", {"phone": "212600000017@s.whatsapp.net", "action": "start"}),
    (gowa.signs("212600000017", "3EB0"), "/message/3EB0/read", {"phone": "212600000017@s.whatsapp.net"}),
]


@pytest.mark.parametrize(
    ("call", "path", "body"), GOLDENS, ids=[f"{golden[1]}-{at}" for at, golden in enumerate(GOLDENS)]
)
def test_a_call_to_a_bridge_is_this_to_the_letter(call: Call, path: str, body: dict[str, Any]) -> None:
    assert (call.path, json.loads(call.body), call.kind) == (path, body, "application/json")


def test_a_document_goes_to_gowa_as_a_form() -> None:
    call = gowa.document("212600000017", "Votre copie", 'mes "données".json', "application/json", b"{}")
    assert call.path == "/send/file"
    assert call.kind.startswith("multipart/form-data; boundary=")
    assert b'name="phone"\r\n\r\n212600000017@s.whatsapp.net' in call.body
    assert (
        'name="file"; filename="mes %22données%22.json"\r\nContent-Type: application/json\r\n\r\n{}'.encode()
        in call.body
    )


def test_buttons_become_numbered_lines_and_the_words_that_always_work_stand_below() -> None:
    channel = Bridge.__new__(Bridge)
    body = {
        "text": "Combien ?",
        "language": "fr",
        "buttons": [
            {"label": "Un", "carries": "1.n=1"},
            {"label": "Le site", "carries": "1.n=2", "link": "https://exemple.ma"},
            {"label": "Passer", "carries": "1.n=~skip", "aside": True},
            {"label": "Retour", "carries": "/back", "aside": True},
        ],
    }
    assert channel.fit(body) == [
        {"text": "Combien ?\n\n1. Un\n2. Le site: https://exemple.ma\nPasser · Retour", "language": "fr"}
    ]
    long = channel.fit(body | {"text": "mot " * 1500})
    assert len(long) == 2
    assert long[-1]["text"].endswith("Passer · Retour")
    assert all(len(part["text"]) <= 4096 for part in long)


@pytest.mark.parametrize(
    ("answer", "id"),
    [
        ({"id": "true_212600000017@c.us_3EB0AA"}, "3EB0AA"),
        ({"id": {"fromMe": True, "id": "3EB0AA", "_serialized": "true_212600000017@c.us_3EB0AA"}}, "3EB0AA"),
        ({"key": {"remoteJid": "212600000017@s.whatsapp.net", "id": "3EB0AA"}}, "3EB0AA"),
    ],
)
def test_every_engine_of_waha_names_a_message_and_we_know_it_again(answer: dict[str, Any], id: str) -> None:
    assert waha.sent(answer) == id
    assert bare("true_99887766@lid_3EB0AA") == id, "its tick may come under the hidden number"


# their webhooks -------------------------------------------------------------------------------------------------------


def of_waha(event: str, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "evt_01TEST",
        "timestamp": 1795430400123,
        "event": event,
        "session": "oujda",
        "engine": "GOWS",
        "payload": payload,
    } | more


MESSAGE = {
    "id": "false_212600000017@c.us_AB12",
    "timestamp": int(AT.timestamp()),
    "from": "212600000017@c.us",
    "fromMe": False,
    "to": "212536000000@c.us",
    "body": "سلام",
    "hasMedia": False,
    "ack": 1,
    "source": "app",
}
PDF = {
    "url": "http://localhost:3000/api/files/oujda/AB12.pdf",
    "mimetype": "application/pdf",
    "filename": "statuts.pdf",
    "error": None,
}
SALMA = Whom("212600000017", "")
HIDDEN = {"id": "false_99887766@lid_AB12", "from": "99887766@lid"}

OF_WAHA: list[tuple[str, dict[str, Any], Event | None]] = [
    ("words", of_waha("message", MESSAGE), Said(SALMA, "AB12", AT, "text", "سلام")),
    ("words, told with everything", of_waha("message.any", MESSAGE), Said(SALMA, "AB12", AT, "text", "سلام")),
    ("our own words", of_waha("message.any", MESSAGE | {"fromMe": True}), None),
    ("a group", of_waha("message", MESSAGE | {"from": "1203630@g.us", "participant": "212600000017@c.us"}), None),
    (
        "a group, with its writer's number beside it",
        of_waha(
            "message",
            MESSAGE | {"from": "1203630@g.us", "_data": {"Info": {"SenderAlt": "212600000017@s.whatsapp.net"}}},
        ),
        None,
    ),
    ("a status message", of_waha("message", MESSAGE | {"from": "status@broadcast"}), None),
    ("a channel", of_waha("message", MESSAGE | {"from": "1203630@newsletter"}), None),
    ("another session", of_waha("message", MESSAGE, session="nador"), None),
    (
        "a clock that is ahead",
        of_waha("message", MESSAGE | {"timestamp": NOW.timestamp() + 9000}),
        Said(SALMA, "AB12", NOW, "text", "سلام"),
    ),
    (
        "a hidden number",
        of_waha("message", MESSAGE | HIDDEN),
        Said(Whom("", "99887766@lid"), "AB12", AT, "text", "سلام"),
    ),
    (
        "a hidden number that GOWS tells",
        of_waha(
            "message",
            MESSAGE | HIDDEN | {"_data": {"Info": {"SenderAlt": "212600000017:3@s.whatsapp.net", "PushName": "Salma"}}},
        ),
        Said(Whom("212600000017", "99887766@lid", "Salma"), "AB12", AT, "text", "سلام"),
    ),
    (
        "a hidden number that NOWEB tells",
        of_waha(
            "message",
            MESSAGE | HIDDEN | {"_data": {"key": {"remoteJidAlt": "212600000017@s.whatsapp.net"}, "pushName": "Salma"}},
        ),
        Said(Whom("212600000017", "99887766@lid", "Salma"), "AB12", AT, "text", "سلام"),
    ),
    (
        "a reply",
        of_waha("message", MESSAGE | {"replyTo": {"id": "true_212600000017@c.us_3EB0", "body": "?"}}),
        Said(SALMA, "AB12", AT, "text", "سلام", None, "3EB0"),
    ),
    (
        "a document",
        of_waha("message", MESSAGE | {"hasMedia": True, "media": PDF, "body": "nos statuts"}),
        Said(SALMA, "AB12", AT, "file", "nos statuts", Media("/api/files/oujda/AB12.pdf", "statuts.pdf")),
    ),
    (
        "a photo",
        of_waha(
            "message",
            MESSAGE | {"hasMedia": True, "media": PDF | {"mimetype": "image/jpeg", "filename": None}, "body": ""},
        ),
        Said(SALMA, "AB12", AT, "file", "", Media("/api/files/oujda/AB12.pdf", "")),
    ),
    (
        "a document the bridge did not keep",
        of_waha("message", MESSAGE | {"hasMedia": True, "media": PDF | {"url": None}, "body": ""}),
        Said(SALMA, "AB12", AT, "file", "", Media("", "statuts.pdf")),
    ),
    (
        "a document that lies elsewhere",
        of_waha(
            "message", MESSAGE | {"hasMedia": True, "media": PDF | {"url": "http://169.254.169.254/latest"}, "body": ""}
        ),
        Said(SALMA, "AB12", AT, "file", "", Media("", "statuts.pdf")),
    ),
    (
        "a document with no more about it",
        of_waha("message", MESSAGE | {"hasMedia": True, "media": None, "body": ""}),
        Said(SALMA, "AB12", AT, "file", "", Media("", "")),
    ),
    (
        "a voice",
        of_waha("message", MESSAGE | {"hasMedia": True, "media": {"mimetype": "audio/ogg; codecs=opus"}}),
        Said(SALMA, "AB12", AT, "voice", "سلام"),
    ),
    (
        "a sticker",
        of_waha("message", MESSAGE | {"hasMedia": True, "media": {"mimetype": "image/webp"}}),
        Said(SALMA, "AB12", AT, "sticker", "سلام"),
    ),
    (
        "a film",
        of_waha("message", MESSAGE | {"hasMedia": True, "media": {"mimetype": "video/mp4"}}),
        Said(SALMA, "AB12", AT, "other", "سلام"),
    ),
    (
        "a place",
        of_waha("message", MESSAGE | {"location": {"latitude": 34.6}, "body": ""}),
        Said(SALMA, "AB12", AT, "place"),
    ),
    (
        "somebody's card",
        of_waha("message", MESSAGE | {"vCards": ["BEGIN:VCARD"], "body": ""}),
        Said(SALMA, "AB12", AT, "card"),
    ),
    ("a notice of WhatsApp's own, with nothing in it", of_waha("message", MESSAGE | {"body": None}), None),
    (
        "an edited message",
        of_waha("message.edited", MESSAGE | {"editedMessageId": "AB11"}),
        Said(SALMA, "AB12", NOW, "edited"),
    ),
    ("a reaction", of_waha("message.reaction", MESSAGE | {"reaction": {"text": "🙏"}}), None),
    ("a tick that waits", of_waha("message.ack", {"id": "true_212600000017@c.us_3EB0", "ack": 0}), None),
    (
        "a tick: it left",
        of_waha("message.ack", {"id": "true_212600000017@c.us_3EB0", "ack": 1}),
        Ticks(("3EB0",), "sent"),
    ),
    (
        "a tick: it arrived",
        of_waha("message.ack", {"id": "true_99887766@lid_3EB0", "ack": 2}),
        Ticks(("3EB0",), "delivered"),
    ),
    (
        "a tick: it was read",
        of_waha("message.ack", {"id": "true_212600000017@c.us_3EB0", "ack": 3}),
        Ticks(("3EB0",), "read"),
    ),
    (
        "a tick: it failed",
        of_waha("message.ack", {"id": "true_212600000017@c.us_3EB0", "ack": -1}),
        Ticks(("3EB0",), "failed"),
    ),
    ("the session works", of_waha("session.status", {"name": "oujda", "status": "WORKING"}), Session(True, "WORKING")),
    (
        "the session is lost",
        of_waha("session.status", {"name": "oujda", "status": "SCAN_QR_CODE"}),
        Session(False, "SCAN_QR_CODE"),
    ),
    ("news nobody asked for", of_waha("chat.archive", {}), None),
]


@pytest.mark.parametrize(("payload", "event"), [row[1:] for row in OF_WAHA], ids=[row[0] for row in OF_WAHA])
def test_what_a_webhook_of_waha_means(payload: dict[str, Any], event: Event | None) -> None:
    assert waha.read(payload, NOW) == event


def of_gowa(event: str, **payload: Any) -> dict[str, Any]:
    return {"event": event, "device_id": "212536000000@s.whatsapp.net", "payload": payload}


WRITTEN: dict[str, Any] = {
    "id": "3EB0C127D7BACC83D6A1",
    "chat_id": "212600000017@s.whatsapp.net",
    "from": "212600000017@s.whatsapp.net",
    "from_lid": "99887766@lid",
    "from_name": "Salma",
    "timestamp": "2026-11-23T11:20:00Z",
    "is_from_me": False,
}
BOTH, ID = Whom("212600000017", "99887766@lid", "Salma"), "3EB0C127D7BACC83D6A1"

OF_GOWA: list[tuple[str, dict[str, Any], Event | None]] = [
    ("words", of_gowa("message", **WRITTEN, body="سلام"), Said(BOTH, ID, AT, "text", "سلام")),
    ("our own words", of_gowa("message", **WRITTEN | {"is_from_me": True}, body="سلام"), None),
    ("a group", of_gowa("message", **WRITTEN | {"chat_id": "1203630@g.us"}, body="سلام"), None),
    ("a status message", of_gowa("message", **WRITTEN | {"chat_id": "status@broadcast"}, body="سلام"), None),
    (
        "a hidden number",
        of_gowa("message", **WRITTEN | {"chat_id": "99887766@lid", "from": "99887766@lid"}, body="سلام"),
        Said(Whom("", "99887766@lid", "Salma"), ID, AT, "text", "سلام"),
    ),
    (
        "a reply",
        of_gowa("message", **WRITTEN, body="oui", replied_to_id="3EB0", quoted_body="?"),
        Said(BOTH, ID, AT, "text", "oui", None, "3EB0"),
    ),
    (
        "a photo",
        of_gowa("message", **WRITTEN, image="statics/media/1752404751-ad9e.jpeg"),
        Said(BOTH, ID, AT, "file", "", Media("/statics/media/1752404751-ad9e.jpeg", "1752404751-ad9e.jpeg")),
    ),
    (
        "a document with words beside it",
        of_gowa(
            "message",
            **WRITTEN,
            body="nos statuts",
            document={"path": "statics/media/1-statuts.pdf", "caption": "nos statuts"},
        ),
        Said(BOTH, ID, AT, "file", "nos statuts", Media("/statics/media/1-statuts.pdf", "1-statuts.pdf")),
    ),
    (
        "a document the bridge did not fetch",
        of_gowa("message", **WRITTEN, document={"url": "https://mmg.whatsapp.net/x", "filename": "statuts.pdf"}),
        Said(BOTH, ID, AT, "file", "", Media("", "statuts.pdf")),
    ),
    (
        "a document outside its folder",
        of_gowa("message", **WRITTEN, document="statics/media/../../etc/passwd"),
        Said(BOTH, ID, AT, "file", "", Media("", "passwd")),
    ),
    ("a voice", of_gowa("message", **WRITTEN, audio="statics/media/1.ogg"), Said(BOTH, ID, AT, "voice")),
    ("a sticker", of_gowa("message", **WRITTEN, sticker="statics/media/1.webp"), Said(BOTH, ID, AT, "sticker")),
    ("a film", of_gowa("message", **WRITTEN, video={"path": "statics/media/1.mp4"}), Said(BOTH, ID, AT, "other")),
    ("a place", of_gowa("message", **WRITTEN, location={"degreesLatitude": 34.6}), Said(BOTH, ID, AT, "place")),
    ("cards", of_gowa("message", **WRITTEN, contacts_array=[{"displayName": "K"}]), Said(BOTH, ID, AT, "card")),
    ("a notice of WhatsApp's own, with nothing in it", of_gowa("message", **WRITTEN), None),
    (
        "an edited message",
        of_gowa("message.edited", **WRITTEN, original_message_id="3EB0", body="x"),
        Said(BOTH, ID, NOW, "edited"),
    ),
    (
        "ticks: they arrived",
        of_gowa(
            "message.ack",
            **{"from": "212600000017@s.whatsapp.net"},
            ids=["A", "B"],
            chat_id="212600000017@s.whatsapp.net",
            receipt_type="delivered",
        ),
        Ticks(("A", "B"), "delivered"),
    ),
    (
        "a tick: it was read",
        of_gowa("message.ack", **{"from": "99887766@lid"}, ids=["A"], receipt_type="read"),
        Ticks(("A",), "read"),
    ),
    (
        "a tick of another kind",
        of_gowa("message.ack", **{"from": "99887766@lid"}, ids=["A"], receipt_type="retry"),
        None,
    ),
    ("a call", of_gowa("call.offer", call_id="x"), None),
]


@pytest.mark.parametrize(("payload", "event"), [row[1:] for row in OF_GOWA], ids=[row[0] for row in OF_GOWA])
def test_what_a_webhook_of_gowa_means(payload: dict[str, Any], event: Event | None) -> None:
    assert gowa.read(payload, NOW) == event


def test_a_signature_is_of_the_raw_bytes_by_the_algorithm_of_each_bridge() -> None:
    raw = '{"event":"message","é":1}'.encode()
    key = b"only-the-bridge-signs-so"
    long, short = hmac.new(key, raw, "sha512").hexdigest().encode(), hmac.new(key, raw, "sha256").hexdigest().encode()
    assert waha.proven(raw, {b"x-webhook-hmac": long, b"x-webhook-hmac-algorithm": b"sha512"})
    assert not waha.proven(raw, {b"x-webhook-hmac": short, b"x-webhook-hmac-algorithm": b"sha256"})
    assert not waha.proven(raw, {})
    assert not waha.proven(json.dumps(json.loads(raw)).encode(), {b"x-webhook-hmac": long})
    assert gowa.proven(raw, {b"x-hub-signature-256": b"sha256=" + short})
    assert not gowa.proven(raw, {b"x-hub-signature-256": short})
    assert not gowa.proven(raw, {})


@pytest.mark.parametrize(
    ("said", "session"),
    [
        ({"is_connected": True, "is_logged_in": True}, Session(True, "WORKING")),
        ({"is_connected": False, "is_logged_in": True}, Session(False, "DISCONNECTED")),
        ({"is_connected": False, "is_logged_in": False}, Session(False, "LOGGED_OUT")),
    ],
)
def test_gowa_says_whether_it_is_connected(said: dict[str, Any], session: Session) -> None:
    assert gowa.state({"code": "SUCCESS", "results": said}) == session


# the pace -------------------------------------------------------------------------------------------------------------


def test_typing_takes_a_moment_and_never_long() -> None:
    assert 0.3 < typing("Oui") < typing("x" * 10_000) <= LONGEST_S * 1.3


def test_notices_are_half_a_minute_or_more_apart_and_each_that_waits_has_a_time_of_its_own() -> None:
    for _ in range(
        100
    ):  # the pauses are never the same: a fraction lost in one of them would push a person to the end of the line
        manners = Manners()
        assert manners.unasked(NOW, 0, None) == 0
        waits = [manners.unasked(NOW, 0, None) for _ in range(5)]
        assert waits == sorted(waits)
        assert all(29.999999 < after - before < 60.000001 for before, after in zip([0.0, *waits], waits, strict=False))
        assert manners.unasked(NOW + timedelta(seconds=waits[0]), 1, None) == 0, "who waited for their time goes"


def test_a_new_number_is_warmed_up_and_an_old_one_still_has_its_share() -> None:
    assert (
        share(NOW, None)
        == share(NOW, NOW)
        < share(NOW, NOW - timedelta(days=2))
        < share(NOW, NOW - timedelta(days=90))
        == MOST_A_DAY
    )
    assert Manners().unasked(NOW, share(NOW, NOW), NOW) == FULL_S


# settings -------------------------------------------------------------------------------------------------------------

WAHA = {"waha_url": "http://127.0.0.1:3000", "waha_key": "12345678", "waha_secret": "long-enough"}
GOWA = {"gowa_url": "http://127.0.0.1:3000", "gowa_key": "hub:word-of-it", "gowa_secret": "long-enough"}
WRONG: list[tuple[dict[str, str], str]] = [
    (
        WAHA | {"waha_url": "localhost:3000"},
        "MOUWAKIB_WAHA_URL: it must begin with https:// (or http:// on your own machine)",
    ),
    (WAHA | {"waha_key": ""}, "MOUWAKIB_WAHA_KEY: it is needed beside MOUWAKIB_WAHA_URL (docs/operations.md)"),
    (WAHA | {"waha_secret": ""}, "MOUWAKIB_WAHA_SECRET: it is needed beside MOUWAKIB_WAHA_URL (docs/operations.md)"),
    (WAHA | {"waha_session": "a b"}, "MOUWAKIB_WAHA_SESSION: only plain letters, digits and signs are possible"),
    (
        GOWA | {"gowa_key": "12345678"},
        "MOUWAKIB_GOWA_KEY: it is a user and a password with a colon between them, as in GOWA's APP_BASIC_AUTH",
    ),
    (
        GOWA | {"gowa_secret": "secret"},
        "MOUWAKIB_GOWA_SECRET: at least 8 plain characters are needed, so that nobody guesses it",
    ),
    (GOWA | {"gowa_device": "my phone"}, "MOUWAKIB_GOWA_DEVICE: only plain letters, digits and signs are possible"),
]


@pytest.mark.parametrize(
    ("given", "line"), WRONG, ids=[row[1].partition(":")[0] + str(at) for at, row in enumerate(WRONG)]
)
def test_a_wrong_setting_of_a_bridge_is_one_line(given: dict[str, str], line: str) -> None:
    read_settings(_env_file=None, **WAHA, **GOWA)
    with pytest.raises(BadSettings) as bad:
        read_settings(_env_file=None, **given)
    assert str(bad.value) == line
