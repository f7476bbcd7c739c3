"""A day of the calendar."""

from __future__ import annotations

from datetime import date
from typing import cast

from handlers.talk.message import Json
from handlers.talk.question import Misread, Offer, Question, Reply, Shape, Stale
from handlers.talk.when import Unclear, read_day
from handlers.talk.words import Day, Text, _


def day(
    prompt: Text, *, earliest: date = date(1950, 1, 1), past: bool = False, example: Text | None = None
) -> Question[date]:
    """A day, as people write it (15/03/2026, "15 mars", «غدا»), echoed with its weekday. `past`: not in the future."""

    def fits(found: date, today: date) -> date:
        if past and found > today:
            raise Misread(_("This date is in the future. Could you check it?"))
        if found < earliest:
            raise Misread(_("This date is before {day}. Could you check it?", day=earliest))
        return found

    def read(heard: Reply) -> date:
        today = heard.now.date()
        try:
            return fits(read_day(heard.text, today, past=past), today)
        except Unclear as why:
            likely = [reading for reading in why.readings if reading >= earliest and not (past and reading > today)]
            if why.readings and not likely:
                fits(why.readings[0], today)
            hint = _("Which day do you mean?") if likely else _("I did not understand the date. Example: 15/03/2026")
            raise Misread(hint, *(Offer(Day(reading), reading.isoformat()) for reading in likely)) from why

    def load(kept: Json) -> date:
        try:
            found = date.fromisoformat(cast(str, kept))
        except (TypeError, ValueError) as why:
            raise Stale from why
        if found < earliest:
            raise Stale
        return found

    def show(value: date) -> Text:
        return Day(value)

    return Question(
        prompt,
        read,
        load,
        date.isoformat,
        show,
        example=example,
        echo=lambda v: _("Noted: {day}.", day=v),
        shape=Shape("date", earliest),
    )
