"""The programme file as the code sees it: everything staff may change without us, checked once at load.

Field names here are the keys of the YAML file; `handlers/programme/load.py` reads it and names every mistake with
its line. The file in `programmes/` is the worked example, with comments for the people who edit it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from handlers.programme.texts import Day, Id, Label, Said, ShortLabel, checked_name
from handlers.talk.words import LANGUAGES, StaffText


class Part(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, arbitrary_types_allowed=True, strict=True)

    def __hash__(self) -> int:
        return id(self)  # a part is itself: what is derived from it is cached by it


def _told_apart(options: dict[str, Answer]) -> dict[str, Answer]:
    for code in LANGUAGES:
        labels = [option.label.by_language[code] for option in options.values()]
        if twice := next((label for label in labels if labels.count(label) > 1), ""):
            raise PydanticCustomError("labels_same", "{language} {label}", {"language": code, "label": twice})
    return options


class Answer(Part):
    """An option of a question; `result` and `refusal` only count in the eligibility check."""

    label: Label
    also: list[str] = []  # other words people type for it
    help: Said | None = None
    result: Literal["ok", "pre", "review", "no"] = "ok"
    refusal: Id | None = None  # which kind message explains the "no"


Options = Annotated[dict[Id, Answer], AfterValidator(_told_apart)]


class Check(Part):
    """One question of the eligibility check."""

    ask: Said
    title: Label
    several: bool = False
    unless: dict[Id, list[Id]] = {}  # not asked when an earlier answer is one of these
    options: Options


class Results(Part):
    ok: Said
    pre: Said
    review: Said
    no_open: Said
    no_close: Said


class Eligibility(Part):
    intro: Said
    questions: dict[Id, Check]
    results: Results
    refusals: dict[Id, Said] = {}
    most_refusals: int = Field(2, ge=1, le=9)


FieldType = Literal[
    "name", "text", "phone", "email", "choice", "several", "yes_no", "link", "ice", "rc", "date", "number", "amount"
]


class FormField(Part):
    """One question of the application form."""

    label: Label
    ask: Said
    type: FieldType
    required: Literal["all", "none"] | list[Id] = "all"  # applicant types
    optional: Literal["all", "none"] | list[Id] = "none"
    when: dict[Id, Id] = {}  # asked only if an earlier answer is (or contains) this
    shortest: int = Field(1, ge=0)
    longest: int = Field(500, ge=1, le=3000)
    least: int = 0
    most: int = 1_000_000_000
    example: Said | None = None
    options: Options = {}
    free_text: bool = False  # a choice that also takes an answer of one's own
    stop_if_no: Id | None = None  # a "no" ends the application with this refusal
    consent: Literal["data", "news"] | None = None

    @model_validator(mode="after")
    def _sensible(self) -> FormField:
        if self.type in ("choice", "several") and len(self.options) < 2:
            raise PydanticCustomError("options_few", "")
        if self.type not in ("choice", "several") and self.options:
            raise PydanticCustomError("options_unused", "")
        for less, more in (("shortest", "longest"), ("least", "most")):
            if getattr(self, less) > getattr(self, more):
                raise PydanticCustomError("bounds", "{less} {more}", {"less": less, "more": more})
        for name, kind in (("consent", "yes_no"), ("stop_if_no", "yes_no"), ("free_text", "choice")):
            if getattr(self, name) and self.type != kind:
                raise PydanticCustomError("type_other", "{name} {kind}", {"name": name, "kind": kind})
        return self

    def need(self, applicant: str) -> Literal["required", "optional", "no"]:
        """Whether this kind of applicant must answer, may answer, or is not asked."""
        if self.required == "all" or applicant in self.required:
            return "required"
        return "optional" if self.optional == "all" or applicant in self.optional else "no"


class Section(Part):
    title: Said
    fields: dict[Id, FormField]


class Document(Part):
    """A document of the file: who must send it, who may."""

    label: Said
    ask: Said | None = None
    required: Literal["all", "none"] | list[Id] = "all"
    optional: Literal["all", "none"] | list[Id] = "none"
    most: int = Field(5, ge=1, le=10)

    def need(self, applicant: str) -> Literal["required", "optional", "no"]:
        """Whether this kind of applicant must send it, may send it, or is not asked."""
        if self.required == "all" or applicant in self.required:
            return "required"
        return "optional" if self.optional == "all" or applicant in self.optional else "no"


class Form(Part):
    intro: Said
    applicant: Id | None = None  # the eligibility question that says what kind of applicant it is
    sections: dict[Id, Section]
    documents: dict[Id, Document] = {}
    largest_file: int = Field(10, ge=1, le=15)  # MB

    @cached_property
    def fields(self) -> dict[str, FormField]:
        """Every field by its id, in the order asked."""
        return {id: field for section in self.sections.values() for id, field in section.fields.items()}


class FaqEntry(Part):
    """A question people ask, and what we answer. `words` are other ways of asking; `topics` are meanings the bot knows."""

    ask: Said
    answer: Said
    label: Label | None = None
    words: list[str] = []
    topics: list[str] = []


class Service(Part):
    name: Label
    answer: Said
    until_open: Said | None = None  # added while the site is not open
    words: list[str] = []
    topics: list[str] = []
    questions: list[FaqEntry] = []


class Topic(Part):
    """A subject of coaching."""

    name: Label
    example: Said


class Coaching(Part):
    """The rules of coaching, and what is said of it."""

    length: int = Field(45, ge=10, le=240)  # minutes of a session
    gap: int = Field(15, ge=0, le=120)  # minutes between two
    lead: int = Field(24, ge=0, le=336)  # hours ahead that a session is booked at the latest
    horizon: int = Field(30, ge=1, le=120)  # days ahead that it is booked at the earliest
    per_founder: int = Field(2, ge=1, le=20)  # sessions to come
    change: int = Field(4, ge=0, le=168)  # hours before it that a session is moved or cancelled at the latest
    no_shows: int = Field(2, ge=1, le=10)  # in a row, and the team confirms the next booking
    approval: bool = False  # the coach confirms each booking
    quiet_from: int = Field(21, ge=12, le=24)  # from this hour ...
    quiet_until: int = Field(8, ge=0, le=12)  # ... until this one nothing is sent unasked
    holidays: str = ""  # a country whose public holidays are off, e.g. MA
    closed: list[Day] = []  # days off beside them
    open: list[Day] = []  # holidays on which the hub works all the same
    place: Said
    prepare: Said
    confirmed: Said
    asked: Said
    day_before: Said
    hour_before: Said
    moved: Said
    cancelled: Said
    cancelled_by_you: Said
    agenda: Said
    agenda_empty: Said
    feedback: Said


class Criterion(Part):
    """What a reviewer gives points for."""

    label: Label
    help: Said
    weight: int = Field(1, ge=1, le=100)


class Review(Part):
    """How the team reads applications."""

    criteria: dict[Id, Criterion]
    points: list[Label] = Field(min_length=5, max_length=5)  # what 1 to 5 points mean
    wanted: int = Field(2, ge=1, le=10)  # reviews an application should have
    change_days: int = Field(10, ge=1, le=60)  # a founder has to change what the team asked for
    places: int = Field(0, ge=0, le=10_000)  # that can be given; 0 if nobody counts them


class Announcements(Part):
    """What is announced, and how carefully."""

    topics: dict[Id, Label]
    approve_above: int = Field(100, ge=0, le=1_000_000)  # to more people than this only with a second person's approval
    quiet_from: int = Field(21, ge=12, le=24)  # from this hour ...
    quiet_until: int = Field(8, ge=0, le=12)  # ... until this one none goes out
    frame: Said  # of a platform that wants each message approved beforehand


class Canned(Part):
    """An answer the team gives often."""

    label: Label
    text: Said


class Team(Part):
    """How the team answers founders who write to it."""

    answer_within: int = Field(120, ge=5, le=10_080)  # minutes, then everybody on the team is told
    answers: dict[Id, Canned] = {}


class Consent(Part):
    version: Annotated[str, BeforeValidator(lambda v: str(v))]
    short: Said
    full: Said
    refused: Said
    agree: ShortLabel
    refuse: ShortLabel
    more: ShortLabel


class Texts(Part):
    welcome: Said
    fallback: Said
    handover: Said
    application_received: Said
    status_changed: Said
    document_missing: Said
    draft_reminder: Said
    status_note: Said


STATUSES = (
    "submitted",
    "in_review",
    "missing_docs",
    "shortlisted",
    "interview",
    "accepted",
    "waitlisted",
    "not_selected",
    "withdrawn",
)


class Site(Part):
    """A place of the hub's. The first of a programme file is where this installation is at home."""

    name: Label


class Programme(Part):
    """One hub's programme, in three languages."""

    programme: Annotated[str, AfterValidator(lambda v: checked_name(v.replace("-", "_")) and v)]
    name: Said
    reference: Annotated[str, Field(pattern=r"^[A-Z]{2,5}$")]
    time_zone: str = "Africa/Casablanca"
    site: Literal["planned", "pre_opening", "open"] = "open"
    sites: dict[Id, Site] = Field(min_length=1)
    answer_within: int = Field(10, ge=1, le=120)  # working days
    fill: dict[Id, Said] = {}  # what {placeholders} of the texts stand for
    menu: dict[Id, Label] = {}
    consent: Consent
    texts: Texts
    services: dict[Id, Service] = {}
    eligibility: Eligibility
    form: Form
    topics: dict[Id, Topic] = {}
    coaching: Coaching | None = None
    review: Review | None = None
    announcements: Announcements | None = None
    team: Team = Team()
    home: str = ""  # where the world reaches this bot; MOUWAKIB_PUBLIC_URL says it
    faq: list[FaqEntry] = []
    statuses: dict[
        Literal[
            "submitted",
            "in_review",
            "missing_docs",
            "shortlisted",
            "interview",
            "accepted",
            "waitlisted",
            "not_selected",
            "withdrawn",
        ],
        Said,
    ]

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def say(self, text: StaffText) -> StaffText:
        """A text of the file with the {placeholders} that the file itself fills."""
        return text.with_(**self.fill) if self.fill else text
