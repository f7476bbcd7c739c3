"""Every table on one page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar, TypeAlias

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only in an INTEGER key
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Document = JSON().with_variant(JSONB, "postgresql")


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a naive one is refused rather than guessed."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: Instant, dict[str, Any]: Document, list[str]: Document, str: Text}


def _of_hub(name: str) -> Any:
    """The installation's own programme or site, where a row names no other."""
    return lambda context: context.execution_options.get(name, "")


class OfHub:
    """A row of one hub: of which programme, at which of its sites."""

    programme: Mapped[str] = mapped_column(String(60), default=_of_hub("programme"), server_default="")
    site: Mapped[str] = mapped_column(String(40), default=_of_hub("site"), server_default="")


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


OPEN = (
    "submitted",
    "in_review",
    "missing_docs",
    "shortlisted",
    "interview",
    "waitlisted",
)  # of an application: one at a time


class PersonRow(Table):
    """Somebody we talk with, on one channel or several."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]  # to the hour: what tells the living from the gone
    language: Mapped[str] = mapped_column(String(8), default="")
    name: Mapped[str] = mapped_column(default="")
    roles: Mapped[str] = mapped_column(String(60), default="founder")  # space between
    agreed: Mapped[list[str]] = mapped_column(default=list)  # purposes consented to now; the proof is in consents
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)
    front: Mapped[int] = mapped_column(default=0)  # the conversation they are in
    talks: Mapped[int] = mapped_column(default=0)  # the number of their newest conversation
    handoff: Mapped[int] = mapped_column(Id, default=0)  # the open exchange with the team
    __table_args__ = (_partial("ix_people_with_roles", "roles", where="roles <> 'founder'"),)


class AddressRow(Table):
    """One way to reach a person."""

    __tablename__ = "addresses"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(200))
    used_at: Mapped[datetime]
    gone: Mapped[str] = mapped_column(String(40), default="")  # why nothing may be sent there any more
    user_id: Mapped[str | None] = mapped_column(
        String(160)
    )  # the platform's other name for it: WhatsApp's business-scoped id beside the number
    heard_at: Mapped[datetime | None]  # when they wrote last, where a platform limits how long one may answer
    chosen: Mapped[bool] = mapped_column(server_default=false())  # what nobody asked for goes here first
    __table_args__ = (
        UniqueConstraint("address", "channel"),
        _partial("uq_addresses_user_id", "user_id", "channel", where="user_id IS NOT NULL", unique=True),
    )


class InboxRow(Table):
    """Each message a platform gave us, once: the key that makes a repeated delivery do nothing."""

    __tablename__ = "inbox"
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(Id, index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    said: Mapped[str] = mapped_column(
        default=""
    )  # for the page's history and the team's context; forgotten after 30 days
    fault: Mapped[str] = mapped_column(String(40), default="")  # the reference of the apology, where we failed


class TalkRow(Table):
    """A conversation half way: the answers so far."""

    __tablename__ = "talks"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(40))
    state: Mapped[Any] = mapped_column(JSON)
    touched_at: Mapped[datetime] = mapped_column(index=True)


class OutboxRow(Table):
    """One message of ours to one person, and what became of it."""

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(Id)
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(200))
    lane: Mapped[int]  # 0 reply, 1 notice, 2 announcement: the lower goes first
    purpose: Mapped[str | None] = mapped_column(String(80), unique=True)  # what it is for, where it may exist only once
    body: Mapped[Any] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))  # planned queued sending sent delivered read failed skipped unknown
    reason: Mapped[str] = mapped_column(String(80), default="")
    owner: Mapped[int] = mapped_column(BigInteger, default=0)  # the process that is sending it
    attempts: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int] = mapped_column(default=0)  # of a message too long for its channel: how many are out
    resent: Mapped[bool] = mapped_column(default=False)  # sent again after doubt: it may have arrived twice
    platform_id: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    broadcast_id: Mapped[int | None] = mapped_column(Id)
    subject_kind: Mapped[str | None] = mapped_column(String(16))  # what a notice is about, as its purpose says
    subject_id: Mapped[int | None] = mapped_column(Id)
    __table_args__ = (
        Index("ix_outbox_person_id_id", "person_id", "id"),
        _partial("ix_outbox_broadcast_id", "broadcast_id", "state", where="broadcast_id IS NOT NULL"),
        _partial("ix_outbox_planned", "broadcast_id", "channel", "id", where="state = 'planned'"),
        # none of all letters begins with the channel: nearly all have the same, and SQLite would take it for a choice
        Index("ix_outbox_address", "address", "channel", "id"),
        _partial("ix_outbox_notices", "channel", "sent_at", where="lane = 1 AND sent_at IS NOT NULL"),
        _partial("ix_outbox_platform_id", "platform_id", "channel", where="platform_id <> ''"),
        _partial("ix_outbox_queued", "lane", "not_before", where="state = 'queued'"),
        _partial("ix_outbox_sending", "owner", where="state = 'sending'"),
        _partial("ix_outbox_subject", "subject_kind", "subject_id", where="subject_id IS NOT NULL"),
        _partial("ix_outbox_unknown", "not_before", where="state = 'unknown'"),
    )


class MentionRow(Table):
    """Somebody whom a message to somebody else tells of: it is forgotten with them."""

    __tablename__ = "mentions"
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(Id, primary_key=True, index=True)


class FileRow(Table):
    """A document somebody sent, kept under a random name outside any web root."""

    __tablename__ = "files"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    at: Mapped[datetime]


class ConsentRow(Table):
    """The proof of each yes and no: which text, in which language, when, where."""

    __tablename__ = "consents"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(24))
    granted: Mapped[bool]
    version: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]


class ApplicationRow(Table):
    """A submitted application. Erasing the person leaves the row without answers: counts stay."""

    __tablename__ = "applications"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(Id, index=True)
    programme: Mapped[str] = mapped_column(String(60))
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    applicant: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20), index=True)
    answers: Mapped[dict[str, Any]]
    submitted_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    promised_on: Mapped[date]
    site: Mapped[str] = mapped_column(String(40), default=_of_hub("site"), server_default="")
    words: Mapped[str] = mapped_column(default="")  # what the team wrote with the last decision: conditions, reasons
    __table_args__ = (
        _partial(
            "uq_applications_open",
            "person_id",
            "programme",
            where=f"status IN ({', '.join(f'{one!r}' for one in OPEN)})",
            unique=True,
        ),
    )


class DocumentRow(Table):
    """A file handed in for one of the documents an application needs."""

    __tablename__ = "documents"
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"), primary_key=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), primary_key=True)
    document: Mapped[str] = mapped_column(String(20), primary_key=True)


class ExchangeRow(OfHub, Table):
    """An exchange between a founder and the team, from the first message until either side ends it."""

    __tablename__ = "handoffs"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(Id, index=True)
    opened_at: Mapped[datetime]
    taken_by: Mapped[int | None] = mapped_column(Id)  # the colleague who said "I do it"
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(Id)
    alerted_at: Mapped[datetime | None]  # everybody was told that nobody has answered
    closed_at: Mapped[datetime | None]
    __table_args__ = (_partial("uq_handoffs_open", "person_id", where="closed_at IS NULL", unique=True),)


class ReviewRow(Table):
    """What one reviewer makes of one application."""

    __tablename__ = "reviews"
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"), primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    scores: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # points by criterion; empty for a conflict of interest
    notes: Mapped[str] = mapped_column(default="")
    conflict: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


class ItemRow(Table):
    """One answer or document that the team asked a founder to change."""

    __tablename__ = "items"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"), index=True)
    item: Mapped[str] = mapped_column(String(60))  # a field or a document of the form
    note: Mapped[str]
    asked_by: Mapped[int | None] = mapped_column(Id)
    asked_at: Mapped[datetime]
    until: Mapped[date]
    before: Mapped[Any] = mapped_column(Document, nullable=True)
    after: Mapped[Any] = mapped_column(Document, nullable=True)
    answered_at: Mapped[datetime | None]


class DecisionRow(Table):
    """A decision that is prepared and not yet told."""

    __tablename__ = "decisions"
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(default="")  # conditions or reasons, in the founder's language
    by: Mapped[int] = mapped_column(Id)
    at: Mapped[datetime]


class InviteRow(Table):
    """A one-time code that gives a role to whoever writes it first; only its digest is kept."""

    __tablename__ = "invites"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    by: Mapped[int] = mapped_column(Id)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LinkRow(Table):
    """A one-time code that shows two channels to be one person's; only its digest is kept."""

    __tablename__ = "links"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    expires_at: Mapped[datetime]


class AnnouncementRow(OfHub, Table):
    """An announcement: its words in each language, for whom, and how far it is. Each recipient is a row of the outbox."""

    __tablename__ = "broadcasts"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    author_id: Mapped[int | None] = mapped_column(Id)
    approver_id: Mapped[int | None] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(10), index=True)  # asked scheduled sending paused stopped done refused
    topic: Mapped[str] = mapped_column(String(20))
    bodies: Mapped[dict[str, Any]]  # language -> the message as the outbox keeps it
    audience: Mapped[dict[str, Any]]
    size: Mapped[int]  # people it can reach, as the author was told
    created_at: Mapped[datetime]
    send_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class CoachRow(OfHub, Table):
    """What a coach offers."""

    __tablename__ = "coaches"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str]  # as founders read it
    topics: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)
    link: Mapped[str] = mapped_column(default="")  # where online sessions take place
    per_week: Mapped[int] = mapped_column(default=0)  # sessions a week at most; 0 for no limit
    feed: Mapped[str] = mapped_column(String(64), unique=True)  # the secret in the address of their calendar feed
    away: Mapped[bool] = mapped_column(default=False)  # takes no new bookings


class HoursRow(OfHub, Table):
    """When a coach receives, every week, in local wall time. Hours with dates stand in for the others on those dates."""

    __tablename__ = "hours"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coaches.person_id", ondelete="CASCADE"), index=True)
    weekday: Mapped[int]  # Monday is 0
    start: Mapped[int]  # minutes after midnight
    end: Mapped[int]
    place: Mapped[str] = mapped_column(String(8))  # site or online
    since: Mapped[date | None]
    until: Mapped[date | None]


class DayRow(OfHub, Table):
    """A day that differs from the week: off, or open for some hours. Without a coach it is the whole hub's."""

    __tablename__ = "days"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    coach_id: Mapped[int | None] = mapped_column(ForeignKey("coaches.person_id", ondelete="CASCADE"), index=True)
    day: Mapped[date] = mapped_column(index=True)
    start: Mapped[int | None]  # None: off, the whole day
    end: Mapped[int | None]
    place: Mapped[str] = mapped_column(String(8), default="")


class BookingRow(OfHub, Table):
    """A session. The database itself refuses two that overlap, of one coach or of one founder (migration 0002)."""

    __tablename__ = "bookings"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    coach_id: Mapped[int | None] = mapped_column(Id)
    founder_id: Mapped[int | None] = mapped_column(Id, index=True)
    topic: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(8))
    wall: Mapped[str] = mapped_column(
        String(16)
    )  # local, "2026-11-26T10:00": what was agreed; the instants follow from it
    zone: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    free_at: Mapped[datetime]  # with the coach's pause after it
    state: Mapped[str] = mapped_column(String(10))  # asked confirmed cancelled declined done no_show
    sure: Mapped[bool] = mapped_column(default=False)  # the founder said they will come
    goal: Mapped[str] = mapped_column(default="")
    files: Mapped[list[str]] = mapped_column(server_default="[]")  # the founder's documents for it
    reason: Mapped[str] = mapped_column(default="")  # of a cancellation
    notes: Mapped[str] = mapped_column(default="")  # the coach's, for the coach
    steps: Mapped[str] = mapped_column(default="")  # what comes next, for both
    rating: Mapped[int | None]
    feedback: Mapped[str] = mapped_column(default="")
    changes: Mapped[int] = mapped_column(default=0)  # the SEQUENCE of its calendar entry
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_bookings_coach_id_starts_at", "coach_id", "starts_at"),
        _partial(
            "uq_bookings_coach_id_starts_at",
            "coach_id",
            "starts_at",
            where="state IN ('asked', 'confirmed')",
            unique=True,
        ),
    )


class WaitRow(OfHub, Table):
    """Somebody who waits for a free slot, and the slot held for them while they decide."""

    __tablename__ = "waits"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    founder_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    topic: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]  # their place in the line; an offer that passed puts them at its end
    coach_id: Mapped[int | None] = mapped_column(Id)  # of the slot on offer
    starts_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(String(8), default="")
    until: Mapped[datetime | None]
    passed: Mapped[int] = mapped_column(default=0)  # offers that went unanswered
    __table_args__ = (UniqueConstraint("founder_id", "topic"), Index("ix_waits_topic_at", "topic", "at"))


class ReminderRow(OfHub, Table):
    """A message to be sent at its time, once: born, moved and cancelled with what it reminds of."""

    __tablename__ = "reminders"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)  # e.g. "booking:17:day"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[int] = mapped_column(Id, default=0)  # the booking or application it is about
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="waiting")  # waiting sent skipped cancelled
    reason: Mapped[str] = mapped_column(String(40), default="")
    done_at: Mapped[datetime | None]
    __table_args__ = (
        _partial("ix_reminders_due_at", "due_at", where="state = 'waiting'"),
        Index("ix_reminders_subject", "subject", "kind"),
    )


class EventRow(OfHub, Table):
    """What happened: who did what, about whom, from what, to what. The events about a founder are their timeline."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(Id)  # None: the command line, or the clock
    action: Mapped[str] = mapped_column(String(40))  # one of event_log.Event
    subject: Mapped[str] = mapped_column(String(60), index=True)  # e.g. "application:17", "person:4"
    detail: Mapped[str] = mapped_column(String(60), server_default="")  # of the form: which field or document
    person_id: Mapped[int | None] = mapped_column(Id)  # whom it is about
    before: Mapped[Any] = mapped_column(Document, nullable=True)
    after: Mapped[Any] = mapped_column(Document, nullable=True)
    __table_args__ = (Index("ix_audit_person_id_id", "person_id", "id"),)


class CounterRow(Table):
    """Numbers without gaps, such as the file numbers of a year; and small facts about this installation."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
