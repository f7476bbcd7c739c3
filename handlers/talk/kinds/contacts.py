"""Telephone numbers, addresses of mail, links."""

from __future__ import annotations

import re

from handlers.talk import understand
from handlers.talk.kinds.text import string_of
from handlers.talk.message import Json
from handlers.talk.question import Misread, Offer, Question, Reply, Shape, Stale
from handlers.talk.words import Text, UserText, _, clean, telephone


def phone(prompt: Text, *, region: str = "MA") -> Question[str]:
    """A telephone number in E.164 ("+212612345678"), typed in any usual way; `region` where no country is given."""
    import phonenumbers

    hint = _("This number does not look right. Example: 06 12 34 56 78 or +44…")

    def read(heard: Reply) -> str:
        typed = understand.polite(understand.folded(re.sub(r"\(0\)", "", clean(heard.text))))
        for said in (f"+{typed.lstrip('+')}", typed) if heard.contact else (typed,):
            try:
                found = phonenumbers.parse(said, region)
            except phonenumbers.NumberParseException:
                continue
            if phonenumbers.is_valid_number(found):
                return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
        raise Misread(hint)

    def load(kept: Json) -> str:
        try:
            found = phonenumbers.parse(kept if isinstance(kept, str) else "")
        except phonenumbers.NumberParseException as why:
            raise Stale from why
        return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)

    def show(value: str) -> Text:
        return telephone(value) or UserText(value)

    return Question(
        prompt, read, load, str, show, example=_("06 12 34 56 78"), wants_contact=True, shape=Shape("phone")
    )


_MAIL_DOMAINS = (
    "gmail.com",
    "hotmail.com",
    "outlook.com",
    "yahoo.com",
    "yahoo.fr",
    "hotmail.fr",
    "outlook.fr",
    "live.fr",
    "icloud.com",
)


def email(prompt: Text, *, longest: int = 120) -> Question[str]:
    """An e-mail address in small letters; a domain one letter away from a common one is asked about."""

    def fits(said: str) -> str:
        from email_validator import EmailNotValidError, validate_email

        try:
            found = validate_email(said, check_deliverability=False).normalized.lower()
        except EmailNotValidError:
            raise Misread(_("This address looks incomplete. Example: name@example.ma")) from None
        if len(found) > longest:
            raise Misread(_("That is a bit long: {max} characters at most.", max=longest))
        return found

    def read(heard: Reply) -> str:
        found = fits(_address_in(clean(heard.text)))
        if meant := _mistyped(found):
            raise Misread(
                _("Did you mean {address}?", address=meant),
                Offer(_("Yes"), meant, "yes"),
                Offer(_("No, keep mine"), found, "own"),
            )
        return found

    return Question(
        prompt,
        read,
        string_of(fits),
        str,
        UserText,
        example=_("name@example.ma"),
        shape=Shape("email", most=longest, unit="letters"),
    )


def _address_in(said: str) -> str:
    """The one address in a message, without the words around it and the spaces a keyboard puts around @ and dots."""
    joined = re.sub(
        r"\s*@\s*", "@", re.sub(r"(?<=\w)\s*\.\s*(?=\w{2,}\b)", ".", said) if said.count("@") == 1 else said
    )
    found = [word.strip("<>()[]{},;:!?.«»\"'“”").removeprefix("mailto:") for word in joined.split() if "@" in word]
    return found[0] if len(found) == 1 else joined


def _mistyped(address: str) -> str:
    from rapidfuzz.distance import DamerauLevenshtein

    name, _at, domain = address.partition("@")
    if domain in _MAIL_DOMAINS:
        return ""
    near = next((known for known in _MAIL_DOMAINS if DamerauLevenshtein.distance(domain, known) == 1), "")
    return f"{name}@{near}" if near else ""


def link(prompt: Text, *, longest: int = 200) -> Question[str]:
    """A web address, http or https, kept and never fetched; "exemple.ma" becomes https://exemple.ma."""
    from urllib.parse import urlsplit

    def fits(said: str) -> str:
        hint = _("This link looks incomplete. Example: https://example.ma")
        address = said if "://" in said else f"https://{said}"
        try:
            parts = urlsplit(address)
            host, _port = parts.hostname or "", parts.port
        except ValueError:
            raise Misread(hint) from None
        if parts.scheme.lower() not in ("http", "https") or not re.fullmatch(
            r"[^\W_](?:[\w.-]*[^\W_])?\.[^\W\d_]{2,}", host
        ):
            raise Misread(hint)
        if re.search(r"[\s<>\"\\\x00-\x1f]", address) or parts.username is not None:
            raise Misread(hint)
        if len(address) > longest:
            raise Misread(_("That is a bit long: {max} characters at most.", max=longest))
        return address

    def read(heard: Reply) -> str:
        words = clean(heard.text).split()
        dotted = [word for word in words if "." in word.strip(".")]  # "mon site : exemple.ma"
        return fits((dotted[0] if len(dotted) == 1 else " ".join(words)).strip("<>,;!«»()").rstrip("."))

    return Question(
        prompt,
        read,
        string_of(fits),
        str,
        UserText,
        example=_("https://example.ma"),
        shape=Shape("link", most=longest, unit="letters"),
    )
