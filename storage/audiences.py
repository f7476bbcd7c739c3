"""Whom an announcement is for: its audience, who of them gets nothing and why, and their numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, cast, exists, func, or_, select
from sqlalchemy import Text as SqlText
from sqlalchemy.orm import InstrumentedAttribute

from storage.database import Db
from storage.outbox import NEAREST
from storage.tables import AddressRow, ApplicationRow, PersonRow

NO_CONSENT, NO_TOPIC, NO_TEXT, NOWHERE, BRIDGED = "no consent", "topic stopped", "no text", "unreachable", "bridge"

NEWS = "news"  # what people agreed to who want announcements
NOT = "not:"  # before the topic of announcements that somebody stopped, among what they agreed to


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom an announcement is for: of each list any, of all lists each; an empty one leaves everybody."""

    sectors: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    applicants: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()  # of an application; "none" for whoever has none
    roles: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    seen_days: int = 0  # wrote to us within so many days

    def kept(self) -> dict[str, object]:
        """As JSON: what is empty is left out."""
        return {
            name: list(asked) if isinstance(asked, tuple) else asked for name, asked in asdict(self).items() if asked
        }

    @staticmethod
    def of(kept: Mapping[str, Sequence[str] | int]) -> Audience:
        lists = {name: tuple(asked) for name, asked in kept.items() if not isinstance(asked, int)}
        days = kept.get("seen_days", 0)
        return Audience(**lists, seen_days=days if isinstance(days, int) else 0)


@dataclass(frozen=True, slots=True)
class Count:
    """How many people of one language, on one channel, would get it (`reason` is empty), or would not, and why."""

    language: str
    channel: str
    reason: str
    people: int


def _listed(column: InstrumentedAttribute[Any] | ColumnElement[Any], value: str) -> ColumnElement[bool]:
    """Whether a JSON list of words holds one; both databases write it as text alike."""
    return cast(column, SqlText).like(f'%"{value}"%')


def _chosen(audience: Audience) -> list[ColumnElement[bool]]:
    """The conditions of an audience."""
    answers = PersonRow.profile["eligibility"]["answers"]
    conditions: list[ColumnElement[bool]] = [PersonRow.language != ""]  # whoever never chose one has not met us yet
    if audience.roles:
        conditions.append(or_(*((" " + PersonRow.roles + " ").like(f"% {role} %") for role in audience.roles)))
    if audience.sectors:
        conditions.append(or_(*(_listed(answers["sector"], sector) for sector in audience.sectors)))
    for chosen, asked in ((audience.stages, "stage"), (audience.applicants, "applicant_type")):
        if chosen:
            conditions.append(answers[asked].as_string().in_(chosen))
    if audience.statuses:
        has = exists().where(ApplicationRow.person_id == PersonRow.id, ApplicationRow.status.in_(audience.statuses))
        none = ~exists().where(ApplicationRow.person_id == PersonRow.id)
        conditions.append(or_(has, none) if "none" in audience.statuses else has)
    if audience.languages:
        conditions.append(PersonRow.language.in_(audience.languages))
    return conditions


def recipients(
    audience: Audience, topic: str, languages: Collection[str], now: datetime, bridged: Collection[str]
) -> Subquery:
    """Everybody of an audience: person_id, language, channel, address, and the reason why they get nothing ("" if they do)."""
    order = func.row_number().over(partition_by=AddressRow.person_id, order_by=NEAREST)
    open_ = AddressRow.gone == ""
    reach = (
        select(AddressRow.person_id, AddressRow.channel, AddressRow.address, order.label("nth"))
        .where(open_, AddressRow.channel.not_in(bridged))
        .subquery()
    )
    on_bridge = exists().where(AddressRow.person_id == PersonRow.id, open_, AddressRow.channel.in_(bridged))
    reason = case(
        (~_listed(PersonRow.agreed, NEWS), NO_CONSENT),
        (_listed(PersonRow.agreed, f"{NOT}{topic}"), NO_TOPIC),
        (and_(reach.c.address.is_(None), on_bridge), BRIDGED),
        (reach.c.address.is_(None), NOWHERE),
        (PersonRow.language.not_in(languages), NO_TEXT),
        else_="",
    )
    conditions = _chosen(audience)
    if audience.channels:
        conditions.append(reach.c.channel.in_(audience.channels))
    if audience.seen_days:
        conditions.append(PersonRow.seen_at > now - timedelta(days=audience.seen_days))
    return (
        select(
            PersonRow.id.label("person_id"),
            PersonRow.language,
            func.coalesce(reach.c.channel, "").label("channel"),
            func.coalesce(reach.c.address, "").label("address"),
            reason.label("reason"),
        )
        .outerjoin(reach, and_(reach.c.person_id == PersonRow.id, reach.c.nth == 1))
        .where(*conditions)
        .subquery()
    )


def wants(topic: str) -> ColumnElement[bool]:
    """Whether somebody agreed to announcements, and has not stopped those of a topic."""
    return and_(_listed(PersonRow.agreed, NEWS), ~_listed(PersonRow.agreed, f"{NOT}{topic}"))


async def counted(
    db: Db, audience: Audience, topic: str, languages: Collection[str], now: datetime, *, bridged: Collection[str]
) -> list[Count]:
    """Exact numbers for the send screen, by language, channel and reason. `bridged`: channels that carry no announcement."""
    who = recipients(audience, topic, languages, now, bridged)
    query = select(who.c.language, who.c.channel, who.c.reason, func.count()).group_by(
        who.c.language, who.c.channel, who.c.reason
    )
    return [
        Count(*row) for row in (await db.execute(query.order_by(who.c.reason, who.c.language, who.c.channel))).all()
    ]
