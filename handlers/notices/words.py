"""What is told unasked and belongs to no other room."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.notices.tell import Notice
from handlers.programme.model import Programme
from handlers.talk.message import READ_ON
from handlers.talk.words import _


def waiting() -> Notice:
    """To somebody silent for whom there is something; pressing its button lets it through."""
    return Notice(_("There is a message for you here. Press the button to read it."), [(_("Read it"), READ_ON)])


def unreached() -> Notice:
    """To the team, once a reminder has nowhere to go."""
    return Notice(_("A reminder could not reach anybody: no channel is open to this person any more."))


def not_approved(templates: Sequence[str]) -> Notice:
    """To the team, once a day while there are any."""
    names = ", ".join(templates[:5]) + ("…" if len(templates) > 5 else "")
    text = _(
        "WhatsApp has not approved {n} of our notices; until it does they wait for a message of the founder: {names}",
        n=len(templates),
        names=names,
    )
    return Notice(text)


def refused_by_whatsapp(code: int) -> Notice:
    """To the team, once a day for each code of Meta's."""
    text = _(
        "WhatsApp does not take all our messages (error {code}). Please tell whoever runs this assistant; /health says more.",
        code=str(code),
    )
    return Notice(text)


def disconnected(channel: str, state: str) -> Notice:
    """To the team, once a day while a bridge has lost its number."""
    text = _(
        "WhatsApp is disconnected ({channel}: {state}): founders who write there get no answer. Please tell whoever runs this assistant.",
        channel=channel,
        state=state,
    )
    return Notice(text)


def notices(programme: Programme) -> list[Notice]:
    """Each of them, with samples for its parts."""
    return [
        waiting(),
        unreached(),
        not_approved(["we_missed_you_at_your_session"]),
        refused_by_whatsapp(131031),
        disconnected("waha", "STOPPED"),
    ]
