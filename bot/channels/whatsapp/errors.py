"""What each error of the Cloud API means for a message, in the answer to a call as well as in a later status.

Built on codes alone, as Meta asks: titles and words change. Sources: [M] Meta, "Cloud API error codes" (15 May 2026);
[L] Meta, "messaging limits" and "throughput"; [C] what nyaruka/courier retries (August 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic_core import from_json

from bot.channels.base import Doubt, Held, Later, Never, Outcome, Sent

# what else follows, besides the outcome: the channel is `down` (a human must act), it must go `slower`, this `pair` is
# written to too often, the `window` is closed, the `template` cannot be used, nobody is there (`nobody`), news are no
# longer wanted (`no_news`), or a human should `look`
Follows: TypeAlias = Literal["", "down", "slower", "pair", "window", "template", "nobody", "no_news", "look"]

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    outcome: Outcome
    follows: Follows
    source: str
    why: str = ""  # for staff


def _down(code: int, why: str, after: float = 300.0) -> Rule:
    return Rule(Later(after, f"{code} {why}", account=True), "down", "M", why)


def _never(code: int, why: str, follows: Follows = "", source: str = "M") -> Rule:
    return Rule(Never(f"{code} {why}"), follows, source, why)


def _passing(code: int, after: float = 10.0, tries: int = 3, source: str = "M") -> Rule:
    return Rule(Later(after, f"{code} passing fault", tries=tries), "", source)


_REFUSED = "Meta refuses our token: set MOUWAKIB_WHATSAPP_TOKEN anew"
_PERMISSION = "the token lacks a permission: whatsapp_business_messaging and whatsapp_business_management"
_PAYMENT = "Meta waits for a payment: look at the payment method of the WhatsApp account"
_BLOCKED = "Meta has blocked the account: look at Business Support"

RULES: dict[int, Rule] = {
    0: _down(0, _REFUSED),
    1: _passing(1),
    2: _passing(2),
    3: _down(3, _PERMISSION),
    4: Rule(Later(300, "4 too many calls of the app", account=True), "slower", "C"),
    10: _down(10, _PERMISSION),
    33: _never(33, "the number's id is unknown: check MOUWAKIB_WHATSAPP_PHONE_ID", "look"),
    100: _never(100, "a parameter Meta does not take", "look"),
    190: _down(190, _REFUSED),
    368: _down(368, _BLOCKED, HOUR),
    80007: Rule(Later(300, "80007 too many calls of the account", account=True), "slower", "C"),
    130429: Rule(Later(4, "130429 too many messages a second", account=True), "slower", "L"),
    130472: _never(130472, "an experiment of Meta's leaves this person out"),
    130497: _down(130497, "Meta lets this account not write to this country", HOUR),
    131000: _passing(131000),
    131005: _down(131005, _PERMISSION),
    131008: _never(131008, "a parameter is missing", "look"),
    131009: _never(131009, "a value Meta does not take", "look"),
    131016: _passing(131016, 30),
    131021: _never(131021, "to ourselves"),
    131026: _never(131026, "undeliverable", "nobody"),
    131030: _never(
        131030, "the number is not on the list of the test account: add it there, or use a real account", "look"
    ),
    131031: _down(131031, _BLOCKED, HOUR),
    131037: _down(131037, "the display name of the number is not approved yet", HOUR),
    131042: _down(131042, _PAYMENT, HOUR / 2),
    131044: _down(131044, _PAYMENT, HOUR / 2),
    131045: _down(131045, "the number is not registered: register it in the WhatsApp Manager", 600),
    131047: Rule(Held("131047 outside the 24-hour window"), "window", "M"),
    131048: Rule(
        Later(HOUR, "131048 too many people blocked or reported us", account=True),
        "look",
        "L",
        "quality is low: only replies are sent",
    ),
    131049: Rule(Later(25 * HOUR, "131049 Meta limits what this person gets", tries=2), "", "M"),
    131050: _never(131050, "this person wants no news", "no_news"),
    131051: _never(131051, "a kind of message Meta does not take"),
    131052: _never(131052, "a document could not be fetched by Meta"),
    131053: Rule(Later(2, "131053 the document was not taken", tries=1), "", "C"),
    131056: Rule(Later(4, "131056 too many messages to this person"), "pair", "L"),
    131057: Rule(Later(60, "131057 maintenance"), "", "M"),
    131062: _never(131062, "a telephone number is needed"),
    131063: _never(131063, "this kind of template is not for this way to send"),
    131064: Rule(
        Later(HOUR, "131064 the messaging limit is reached", account=True),
        "look",
        "L",
        "the messaging limit of this day is reached",
    ),
    132000: _never(132000, "the number of a template's parts differs", "look"),
    132001: Rule(Held("132001 the template is not approved"), "template", "M"),
    132005: _never(132005, "a filled template is too long", "look"),
    132007: _never(132007, "a template is against Meta's policy", "look"),
    132008: _never(132008, "a part of a template cannot be", "look"),
    132012: _never(132012, "a part of a template has the wrong shape", "look"),
    132015: Rule(Held("132015 the template is paused"), "template", "M"),
    132016: Rule(Held("132016 the template is disabled"), "template", "M"),
    132018: _never(132018, "a part of a template cannot be", "look"),
    132068: _never(132068, "the form is blocked"),
    132069: _never(132069, "the form is throttled"),
    133004: _passing(133004, 30),
    133010: _down(133010, "the number is not registered: register it in the WhatsApp Manager", 600),
    133016: Rule(
        Later(HOUR, "133016 registered too often", account=True),
        "look",
        "C",
        "the number was registered too often: wait three days",
    ),
    135000: _passing(135000),
    137000: _never(137000, "the person has a new telephone: they must write first"),
}


def rule(code: int, status: int = 400, *, transient: bool = False) -> Rule:
    """What a code means; of an unknown one, what its HTTP status says."""
    if code in RULES:
        return RULES[code]
    if 200 <= code < 300:
        return _down(code, _PERMISSION)
    if status == 401:
        return _down(code, _REFUSED)
    if status == 429:
        return Rule(Later(5, "429", account=True), "slower", "M")
    if transient or status >= 500:
        return _passing(code)
    return _never(code, "unknown error", "look")


def judge(status: int, raw: bytes) -> tuple[Outcome, int]:
    """What the answer to a send means, and the error's code (0 for none)."""
    try:
        answer = from_json(raw)
        if status == 200:
            return Sent(str(answer["messages"][0]["id"])[:200]), 0
        error = answer["error"]
        code = int(error["code"])
        return rule(code, status, transient=bool(error.get("is_transient"))).outcome, code
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError):
        if status == 200:
            return Doubt("unreadable answer"), 0
        if status in (401, 429) or status >= 500:
            return rule(-1, status).outcome, -status
        return Later(30, f"{status} from somebody between us and Meta", account=True), 0
