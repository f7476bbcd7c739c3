"""`mouwakib map`: every branch of every conversation, walked from the code.

A walker answers each question in every way it can be answered and follows where it leads. It runs the flows
themselves, against an empty database whose transaction is rolled back; nothing is drawn by hand, so nothing is stale.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from bot.app import Core
from bot.settings import Settings
from handlers.contents import Entry
from handlers.eligibility.rules import judge
from handlers.programme.model import Programme
from handlers.rights import RIGHTS
from handlers.talk.message import File, Json, Person
from handlers.talk.question import Misread, PartialAnswer, Question, Redirect, Reply
from handlers.talk.state import State
from handlers.talk.talk import Asked, Run, Talk
from handlers.talk.words import Language, Text, plain
from storage import coaches, files, people, schema
from storage.database import Database, Db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SAMPLE = File("0" * 32, "cv.pdf", "application/pdf", 9)
MOST = 20_000  # runs of one conversation


@dataclass(slots=True)
class Step:
    """A question as it was met: what it asks, and for each answer (by its label) where that leads."""

    name: str
    asks: Text
    takes: str  # e.g. " (text, 20 to 500 letters, optional)"
    leads: dict[str, list[str]] = field(default_factory=dict)

    def lead(self, label: str, place: str) -> None:
        """Note where an answer leads; in another context it may lead elsewhere."""
        places = self.leads.setdefault(label, [])
        if place not in places:
            places.append(place)


@dataclass(slots=True)
class Walked:
    """One conversation: its steps in the order met, and how it can end."""

    entry: Entry
    steps: dict[str, Step] = field(default_factory=dict)
    ends: list[Text] = field(default_factory=list)
    runs: int = 0


class _Open(BaseException):
    """A walk reached a question."""

    def __init__(self, name: str, question: Question[Any]) -> None:
        self.name, self.question = name, question


class _Walk(Talk):
    """A talk that shows its open question to the walker."""

    async def ask(self, name: str, question: Question[Any], *, known: Json = None) -> Any:
        try:
            return await super().ask(name, question, known=known)
        except Asked:
            raise _Open(self._prefix + name, question) from None


async def walk(entry: Entry, programme: Programme, languages: Mapping[str, Language], db: Db) -> Walked:
    """Every question of a conversation, each answered in every way, in every context that can change the way."""
    walked = Walked(entry)
    ways: deque[tuple[dict[str, Json], str, str]] = deque([({}, "", "")])
    seen: set[tuple[str, tuple[Any, ...]]] = set()
    turning = _turning(programme)
    while ways and walked.runs < MOST:
        answers, asked, label = ways.popleft()
        walked.runs += 1
        state = State(entry.name, 1, dict(answers))
        run = Run(state, None)
        savepoint = await db.begin_nested()
        try:
            walker = Person(
                1, "en", "Salma", roles=frozenset({"founder"}) | RIGHTS[entry.act]
            )  # sees all that it can lead to
            await entry.flow(_Walk(run, walker, languages, NOW, programme.zone), db, programme)
        except _Open as open_:
            step = walked.steps.setdefault(open_.name, Step(open_.name, open_.question.name, _takes(open_.question)))
            if asked:
                walked.steps[asked].lead(label, open_.name)
            context = (
                open_.name,
                (
                    *((key, str(state.answers.get(key))) for key in turning if key in state.answers),
                    _level(programme, open_.name, state),
                ),
            )
            if context not in seen:
                seen.add(context)
                for kept, said in ways_to_answer(open_.question, languages, step):
                    ways.append(({**state.answers, open_.name: kept}, open_.name, said))
        else:
            onward = " ".join(f"[{languages['en'].say(label_)}]" for label_, _command in run.offers)
            where = f"-> {run.next}" if run.next else f"(end) {onward}".strip()
            if asked:
                walked.steps[asked].lead(label, where)
            walked.ends += run.said
        finally:
            await savepoint.rollback()
    return walked


def _level(programme: Programme, name: str, state: State) -> str:
    """Inside the eligibility check, how it stands so far: a "no" ends elsewhere than an "ok"."""
    prefix, _dot, id = name.rpartition(".")
    if id not in programme.eligibility.questions:
        return ""
    names = {f"{prefix}.{key}" if prefix else key: key for key in programme.eligibility.questions}
    given = {names[key]: value for key, value in state.answers.items() if key in names}
    return judge(programme.eligibility, cast("dict[str, str | list[str]]", given)).result


def _turning(programme: Programme) -> list[str]:
    """The answers that may change which questions follow."""
    keys = {key for check in programme.eligibility.questions.values() for key in check.unless}
    keys |= {key for f in programme.form.fields.values() for key in f.when} | (
        {programme.form.applicant} if programme.form.applicant else set()
    )
    return [name for key in sorted(keys) for name in (key, f"check.{key}")] + ["consent", "known", "documents", "what"]


def ways_to_answer(
    question: Question[Any], languages: Mapping[str, Language], step: Step
) -> Iterator[tuple[Json, str]]:
    """Each way to answer a question: what would be kept, and how it is called."""
    tongue = languages["en"]
    for option in question.options:
        label = tongue.say(option.label)
        if option.value.startswith("/"):
            step.lead(label, f"-> {option.value}")
            continue
        kept = _kept(question, Reply("", option.value, None, "", False, NOW, [], languages))
        if kept is not None:
            yield kept, label
    if not question.options:
        heard = [Reply(text, "", None, "", False, NOW, [], languages) for text in _SAMPLES]
        heard.append(Reply("", "", SAMPLE, "", False, NOW, [], languages))
        kept = next((found for one in heard if (found := _kept(question, one)) is not None), None)
        if kept is not None:
            yield kept, "…"
    if question.optional:
        yield None, "later" if question.later else "skip"


_SAMPLES = (
    "Salma Benali",
    "0612345678",
    "salma@example.ma",
    "https://example.ma",
    "tomorrow 10:00",
    "001561191000066",
    "12345 Nador",
    "15/03/2025",
    "150000",
    "Shops pay a lot for electricity and cannot afford solar panels on their own.",
)


def _kept(question: Question[Any], heard: Reply) -> Json:
    try:
        return question.keep(question.read(heard))
    except PartialAnswer as more:
        return list(more.picked)
    except (Misread, Redirect):
        return None


async def walk_all(core: Core) -> list[Walked]:
    """Every conversation, walked on an empty database in memory."""
    database = Database("sqlite://")
    await schema.upgrade(database)
    async with database.transaction() as db:
        person = await people.add(db, "walker", "1", NOW)
        await files.keep(db, person, SAMPLE.id, SAMPLE.name, SAMPLE.kind, SAMPLE.size, NOW)
        for coach in (person, await people.add(db, "walker", "2", NOW)):  # two, so that one can be chosen
            await coaches.keep(db, coach, NOW, name="Coach", topics=list(core.programme.topics))
            await coaches.open_weekly(db, coach, 0, 540, 720, "both")
            await people.grant(db, coach, "coach", NOW)
        found = [await walk(entry, core.programme, core.languages, db) for entry in core.entries.values()]
    await database.close()
    return found


async def draw(settings: Settings, language: str) -> list[str]:
    """The map as lines: a conversation, its questions, and for each answer where it leads."""
    core = Core(settings)
    tongue = core.languages[language]
    lines: list[str] = []
    for walked in await walk_all(core):
        lines += ["", f"/{walked.entry.name}  {tongue.say(walked.entry.title)}"]
        lines += [
            f"  {step.name}{step.takes}: {_line(tongue.say(step.asks))}\n"
            + "\n".join(f"    {way}" for way in _ways(step))
            for step in walked.steps.values()
        ]
    await core.database.close()
    return [plain(line) for line in lines]


def _ways(step: Step) -> Iterator[str]:
    """Answers that lead to the same place stand on one line."""
    places: dict[str, list[str]] = {}
    for label, leads in step.leads.items():
        for place in leads:
            places.setdefault(place, []).append(label)
    for place, labels in places.items():
        arrow = place if place.startswith(("->", "(")) else f"-> {place}"
        yield f"[{'] ['.join(labels)}] {arrow}"


def _takes(question: Question[Any]) -> str:
    shape = question.shape
    if shape is None:
        return ""
    least, most = (str(bound) if bound is not None else "" for bound in (shape.least, shape.most))
    bounds = f"{least} to {most}" if least and most else f"from {least}" if least else f"up to {most}" if most else ""
    said = [shape.kind, f"{bounds} {shape.unit}".strip(), "optional" if question.optional else ""]
    return f" ({', '.join(part for part in said if part)})"


def _line(text: str) -> str:
    return " ".join(text.split())[:100]
