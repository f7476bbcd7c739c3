"""Whom an announcement is for: the questions that choose them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handlers.announcements import words
from handlers.applications.words import LABELS
from handlers.channels import ANNOUNCING, BRIDGED
from handlers.eligibility.questions import options_of
from handlers.programme.model import Programme
from handlers.rights import ROLE_NAMES
from handlers.talk.kinds.choices import choice, several
from handlers.talk.question import Option, titled
from handlers.talk.talk import Talk
from handlers.talk.words import IN_LANGUAGE, LANGUAGES, OWN_NAMES, Text, Verbatim, _, n_
from storage import audiences
from storage.audiences import Audience
from storage.database import Db
from storage.people import ROLES


async def fallbacks(talk: Talk, db: Db, topic: str, texts: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """For each language without words: whose words its readers get, or none; chosen, never assumed."""
    chosen = {}
    for code in LANGUAGES:
        if code in texts:
            continue
        readers = Audience(languages=(code,))
        counts = await audiences.counted(db, readers, topic, LANGUAGES, talk.now, bridged=BRIDGED)
        waiting = words.reached(counts)
        asked = n_(
            "There is no text {language}: {n} person reads it so. What shall they get?",
            "There is no text {language}: {n} people read it so. What shall they get?",
            waiting,
            language=IN_LANGUAGE[code],
        )
        options = {
            "none": _("Nothing"),
            **{other: _("The text {language}", language=IN_LANGUAGE[other]) for other in texts},
        }
        chosen[code] = await talk.ask(f"instead_{code}", titled(choice(asked, options), Verbatim(OWN_NAMES[code])))
    return {code: other for code, other in chosen.items() if other != "none"}


async def audience(talk: Talk, programme: Programme) -> Audience:
    """Everybody who agreed to announcements, or those among them whom filters leave."""
    all_or_some = {"all": _("Everybody who agreed"), "some": _("Only some of them")}
    if (
        await talk.ask(
            "for",
            titled(
                choice(_("For whom? It goes only to people who agreed to announcements."), all_or_some), _("For whom")
            ),
        )
        == "all"
    ):
        return Audience()
    every = _filters(programme)
    by = several(_("What do you choose them by?"), {name: title for name, (title, _choices) in every.items()})
    chosen: dict[str, Sequence[str] | int] = {}
    for name in await talk.ask("filters", titled(by, _("Chosen by"))):
        title, choices = every[name]
        if name == "seen_days":
            days: str = await talk.ask(name, titled(choice(_("Who wrote to us within the last …"), choices), title))
            chosen[name] = int(days)
        else:
            asked = several(_("{what}: which ones?", what=title), choices)
            some: list[str] = await talk.ask(name, titled(asked, title))
            chosen[name] = some
    return Audience.of(chosen)


def _filters(programme: Programme) -> dict[str, tuple[Text, Sequence[Option]]]:
    """What an audience can be chosen by, with its options; a question that this programme does not ask chooses nobody."""
    checks = programme.eligibility.questions
    filters: dict[str, tuple[Text, Sequence[Option]]] = {}
    for name, question in (("sectors", "sector"), ("stages", "stage"), ("applicants", "applicant_type")):
        if question in checks:
            filters[name] = checks[question].title, options_of(checks[question].options)
    filters["statuses"] = (
        _("Application"),
        [Option("none", _("None yet")), *(Option(status, label) for status, label in LABELS.items())],
    )
    filters["roles"] = _("Role"), [Option(role, ROLE_NAMES[role]) for role in ROLES]
    filters["languages"] = _("Language"), [Option(code, Verbatim(OWN_NAMES[code])) for code in LANGUAGES]
    filters["channels"] = _("Channel"), [Option(name, Verbatim(label)) for name, label in ANNOUNCING.items()]
    filters["seen_days"] = (
        _("Last seen"),
        [Option(str(days), n_("{n} day", "{n} days", days)) for days in (7, 30, 90, 365)],
    )
    return filters
