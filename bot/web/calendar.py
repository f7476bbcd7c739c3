"""A coach's sessions as a calendar to subscribe to, at an address nobody can guess."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from bot.clock import Clock
from bot.web.pages import HEADERS
from handlers.coaching.calendar_entry import calendar_file
from handlers.programme.model import Programme
from handlers.talk.words import Language
from storage import Unavailable, coaches, people
from storage import sessions as bookings
from storage.database import Database

BACK, AHEAD = timedelta(days=30), timedelta(days=120)


class CalendarFeed:
    """`/calendar/<secret>.ics`"""

    def __init__(
        self, database: Database, programme: Programme, languages: Mapping[str, Language], clock: Clock
    ) -> None:
        self.database = database
        self.programme = programme
        self.languages = languages
        self.clock = clock

    async def feed(self, request: Request) -> Response:
        """The sessions of a month back and four ahead; 404 for an address that is none."""
        now = self.clock.now()
        try:
            async with self.database.reading() as db:
                coach = await coaches.by_feed(db, request.path_params["secret"])
                if coach is None:
                    return Response(status_code=404, headers=HEADERS)
                states = (*bookings.LIVE, "done", "no_show", "cancelled", "declined")
                sessions = await bookings.of_coach(db, coach.person_id, now - BACK, now + AHEAD, states)
                language = await people.language_of(db, coach.person_id)
        except Unavailable:
            return Response(status_code=503, headers={**HEADERS, "Retry-After": "60"})
        tongue = self.languages.get(language) or self.languages["fr"]
        body = calendar_file(self.programme, tongue, sessions, coach=True, feed=True)
        return Response(
            body, media_type="text/calendar; charset=utf-8", headers={**HEADERS, "Cache-Control": "no-store"}
        )
