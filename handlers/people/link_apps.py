"""/link: the apps a person talks to us from, and where we write first; /link CODE: this app is theirs as well."""

from __future__ import annotations

from handlers.channels import place
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice, yes_no
from handlers.talk.talk import Talk
from handlers.talk.words import Joined, Text, UserText, Verbatim, _, lines, paragraphs
from storage import link_codes, merging, people
from storage.database import Db

_LAST = "last"


async def link(talk: Talk, db: Db, programme: Programme) -> None:
    if talk.argument:
        await _use(talk, db)
        return
    reachable = await people.places(db, talk.person.id)
    here = list(dict.fromkeys(channel for channel, _chosen in reachable))
    said = [_("You talk to me on: {places}.", places=Joined(tuple(place(channel) for channel in here), " · "))]
    options: dict[str, Text] = {"code": _("Add another app")}
    if len(here) > 1:
        chosen = next((channel for channel, chosen in reachable if chosen), None)
        first = place(chosen) if chosen else _("the app you used last")
        said.append(_("Reminders and news come to: {place}. If that fails, to another one.", place=first))
        options |= {channel: _("Reminders on: {place}", place=place(channel)) for channel in here if channel != chosen}
        if chosen:
            options[_LAST] = _("The app I used last")
    wish = await talk.ask("what", choice(lines(said), options | {"/menu": _("Menu")}))
    if wish == "code":
        code = await link_codes.offer(db, talk.person.id, talk.now)
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
    await people.choose(db, talk.person.id, None if wish == _LAST else wish)
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
        talk.say(_("This code has been used, or is too old. Please ask for a new one in the other app: write “link”."))
        return
    if giver.person == talk.person.id:
        talk.say(_("This is the code you asked for here. Please send it to me in the other app."))
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
        tongue = talk.languages[talk.person.language]
        talk.say(Verbatim(tongue.say(_("Nothing was linked."))))
        if talk.person.talks == 1:
            talk.person.language = ""  # somebody new, then: they are welcomed as such
        return
    if clash := await merging.between(db, talk.person.id, giver.person):
        talk.say(_CLASHES[clash])
        return
    await link_codes.use(db, talk.argument)
    talk.person.linked = giver.person
    talk.say(_("Done: here and there it is now one talk, with all your answers. You may go on in either."))
    talk.offer(_("Continue"), "/resume")
    talk.offer(_("Where I get reminders"), "/link")


_CLASHES = {
    "applications": _(
        "In both apps you have an application with us. Please withdraw one of them first (“my applications”), then ask for a new code."
    ),
    "sessions": _(
        "Two of your sessions overlap. Please move or cancel one of them first (“my bookings”), then ask for a new code."
    ),
    "coaches": _("Both are profiles of coaches, so I cannot make them one. Please write to the team."),
}
