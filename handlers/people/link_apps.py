"""/link: the apps a person talks to us from, and where we write first; /link CODE: this app is theirs as well."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.actor import by_chat
from handlers.channels import place
from handlers.people import actions
from handlers.people.actions import Apart, OwnCode, UnknownCode
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice, yes_no
from handlers.talk.talk import Talk
from handlers.talk.words import Joined, Text, UserText, Verbatim, _, lines, paragraphs
from storage import link_codes, people
from storage.database import Db
from storage.merging import Obstacle

_LAST = "last"


async def link(talk: Talk, db: Db, programme: Programme) -> None:
    if talk.argument:
        await _use(talk, db)
        return
    reachable = await people.places(db, talk.person.id)
    here = list(dict.fromkeys(known.channel for known in reachable))
    told = [_("You talk to me on: {places}.", places=Joined(tuple(place(channel) for channel in here), " · "))]
    options: dict[str, Text] = {"code": _("Add another app")}
    if len(here) > 1:
        chosen = next((known.channel for known in reachable if known.chosen), None)
        first = place(chosen) if chosen else _("the app you used last")
        told.append(_("Reminders and news come to: {place}. If that fails, to another one.", place=first))
        options |= {channel: _("Reminders on: {place}", place=place(channel)) for channel in here if channel != chosen}
        if chosen:
            options[_LAST] = _("The app I used last")
    wish = await talk.ask("what", choice(lines(told), options | {"/menu": _("Menu")}))
    if wish == "code":
        code = await actions.offer_code(db, by_chat(talk))
        talk.say(
            lines(
                [
                    _(
                        "Open me in the other app within {n} minutes, and send me this code there. It works once.",
                        n=link_codes.MINUTES,
                    ),
                    UserText(code),
                ]
            ),
            _("On the web it is this link: {link}", link=f"{programme.home}/?start=link-{code}"),
        )
        return
    await actions.choose_channel(db, by_chat(talk), None if wish == _LAST else wish)
    talk.say(
        _(
            "Done: from now on reminders and news come to: {place}.",
            place=_("the app you used last") if wish == _LAST else place(wish),
        )
    )


async def _use(talk: Talk, db: Db) -> None:
    """The code of another app: whoever made it is the same person, if this one says so."""
    giver = await link_codes.giver(db, talk.argument, talk.now)
    if giver is None:
        talk.say(_UNKNOWN)
        return
    if giver.person == talk.person.id:
        talk.say(_OWN)
        return
    talk.person.language = talk.person.language or giver.language
    warning = _(
        "Whoever sent you this code, if it was not you, would then read your answers and documents. Did you ask for it yourself?"
    )
    asked = paragraphs(
        [
            _("This code links this talk with the one in another app: what you told me there and here becomes one."),
            warning,
        ]
    )
    if not await talk.ask("sure", yes_no(asked, yes=_("Yes, link them"), no=_("No"), explicit=True)):
        language = talk.languages[talk.person.language]
        talk.say(Verbatim(language.say(_("Nothing was linked."))))
        if talk.person.talks == 1:
            talk.person.language = ""  # somebody new, then: they are welcomed as such
        return
    try:
        talk.person.linked = await actions.use_code(db, by_chat(talk), talk.argument)
    except UnknownCode:
        talk.say(_UNKNOWN)
        return
    except OwnCode:
        talk.say(_OWN)
        return
    except Apart as two:
        talk.say(_OBSTACLES[two.obstacle])
        return
    talk.say(_("Done: here and there it is now one talk, with all your answers. You may go on in either."))
    talk.offer(_("Continue"), "/resume")
    talk.offer(_("Where I get reminders"), "/link")


_UNKNOWN = _("This code has been used, or is too old. Please ask for a new one in the other app: write “link”.")
_OWN = _("This is the code you asked for here. Please send it to me in the other app.")
_OBSTACLES: Mapping[Obstacle, Text] = {
    "applications": _(
        "In both apps you have an application with us. Please withdraw one of them first (“my applications”), then ask for a new code."
    ),
    "sessions": _(
        "Two of your sessions overlap. Please move or cancel one of them first (“my bookings”), then ask for a new code."
    ),
    "coaches": _("Both are profiles of coaches, so I cannot make them one. Please write to the team."),
}
