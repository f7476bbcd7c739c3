"""Reads a programme file strictly, and names every mistake with file, line and field, in words staff understand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from handlers.programme.checks import problems
from handlers.programme.model import FormField, Programme
from handlers.talk.words import Language, Text, _, plain

Where = tuple[str | int, ...]
FORM = _("this line breaks the form of the file (look at its spaces, quotes and colons)")


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something staff must mend: where it stands, and what to do."""

    file: str
    line: int
    field: str
    what: Text

    def said(self, tongue: Language) -> str:
        """`programmes/mine.yaml:41: eligibility.sector.it: the Arabic text is missing`."""
        field = f" {self.field}:" if self.field else ""
        return plain(f"{self.file}:{self.line}:{field} {tongue.say(self.what)}")


class BadProgramme(Exception):
    """The file cannot be used; `mistakes` says why, in the order of its lines."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__(f"{len(mistakes)} mistake(s) in the programme file")
        self.mistakes = sorted(mistakes, key=lambda mistake: mistake.line)


def load(path: Path) -> Programme:
    """The programme of a file. BadProgramme names everything that is wrong with it, not only the first thing."""
    try:
        source = path.read_text("utf-8-sig")  # some editors begin a file with a mark
    except FileNotFoundError:
        raise BadProgramme([Mistake(str(path), 1, "", _("there is no such file"))]) from None
    except OSError:
        raise BadProgramme([Mistake(str(path), 1, "", _("the file cannot be opened"))]) from None
    except UnicodeDecodeError:
        raise BadProgramme([Mistake(str(path), 1, "", _("the file is not saved as UTF-8"))]) from None
    lines: dict[Where, int] = {}
    mistakes: list[Mistake] = []
    try:
        root = yaml.compose(source, Loader=yaml.CSafeLoader)
        data = _plain(
            root, (), lines, lambda at, where, what: mistakes.append(Mistake(str(path), at, _field(where), what))
        )
    except (yaml.YAMLError, RecursionError) as error:
        raise BadProgramme([Mistake(str(path), _line(error, source), "", FORM)]) from error
    if not isinstance(data, dict):
        raise BadProgramme([Mistake(str(path), 1, "", _("the file is empty or not a list of fields"))])

    def mistake(where: Where, what: Text) -> Mistake:
        seen = where
        while seen and seen not in lines:
            seen = seen[:-1]
        return Mistake(str(path), lines.get(seen, 1), _field(where), what)

    try:
        programme = Programme.model_validate(data)
    except ValidationError as errors:
        for found in errors.errors(include_url=False, include_input=True):
            either = next((str(part).partition("[")[0] for part in found["loc"] if "[" in str(part)), "")
            if either == ("literal" if isinstance(found["input"], list) else "list") and found["type"] in (
                "literal_error",
                "list_type",
            ):
                continue  # of two shapes a field may have, the one that was not meant
            where = tuple(part for part in found["loc"] if "[" not in str(part))
            mistakes.append(mistake(where, _explain(found, where)))
        raise BadProgramme(mistakes) from None
    mistakes += [mistake(where, _whole(kind, words)) for where, kind, words in problems(programme)]
    if mistakes:
        raise BadProgramme(mistakes)
    return programme


def _line(error: Exception, source: str) -> int:
    """Where the form of the file breaks."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return error.problem_mark.line + 1
    return source.count("\n", 0, getattr(error, "position", 0)) + 1


def _plain(
    node: yaml.Node | None, where: Where, lines: dict[Where, int], complain: Callable[[int, Where, Text], None]
) -> Any:
    """The node as plain data; `lines` learns where each field stands. A field written twice is a mistake."""
    if node is None:
        return None
    lines[where] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key, line = key_node.value, key_node.start_mark.line + 1
            if not isinstance(key, str):
                complain(line, where, FORM)
                continue
            if key in found:
                complain(line, (*where, key), _("this field stands here twice"))
            found[key] = _plain(value_node, (*where, key), lines, complain)
            lines[(*where, key)] = line
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*where, at), lines, complain) for at, child in enumerate(node.value)]
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    """true, false and whole numbers are themselves; everything else is text: `en: Yes` is the word, not a truth."""
    if node.tag.endswith(":null"):
        return None
    if node.tag.endswith(":bool") and node.value in ("true", "false"):
        return bool(node.value == "true")
    if node.tag.endswith(":int") and node.value.removeprefix("-").isdecimal():
        return int(node.value)
    return node.value


def _field(where: Where) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in where)


_NAMES: dict[str, Text] = {"fr": _("French"), "ar": _("Arabic"), "en": _("English")}


def _explain(error: Any, where: Where) -> Text:
    """What a member of staff should read for one of pydantic's findings."""
    context: Mapping[str, Any] = error.get("ctx") or {}
    kind: str = error["type"]
    if kind == "text_missing":
        languages = str(context["languages"]).split(", ")
        return _("the {language} text is missing", language=_NAMES[languages[0]])
    if kind == "text_extra":
        return _("a text has fr, ar and en; {found} is none of them", found=str(context["languages"]))
    if kind == "text_parts":
        return _(
            "the {language} text and the French one do not have the same {{placeholders}}: {parts}",
            language=_NAMES[str(context["language"])],
            parts=str(context["parts"]),
        )
    if kind == "text_braces":
        return _("a curly bracket has no partner")
    if kind == "label_long":
        return _(
            "the {language} label has {length} letters, and {most} is the most a button can show",
            language=_NAMES[str(context["language"])],
            length=int(context["length"]),
            most=int(context["most"]),
        )
    if kind == "id":
        return _("“{id}” cannot be a name here: small letters, digits and _ only, at most 20", id=str(context["id"]))
    if kind == "missing":
        return _("the field “{field}” is missing", field=str(where[-1]))
    if kind == "extra_forbidden":
        close = get_close_matches(str(where[-1]), _siblings(where), 1, 0.6)
        if close:
            return _("there is no field “{field}” here; did you mean “{close}”?", field=str(where[-1]), close=close[0])
        return _("there is no field “{field}” here", field=str(where[-1]))
    if error["input"] is None and not kind.startswith(("dict", "list", "model")):
        return _("something must stand here, after the colon")
    if kind == "day":
        return _(
            "“{found}” is not a day; days are written like {example}", found=str(context["found"]), example="2027-03-10"
        )
    if kind == "literal_error":
        return _(
            "“{found}” is not possible here; possible are: {choices}",
            found=str(error["input"]),
            choices=str(context["expected"]).replace("'", "").replace(" or ", ", "),
        )
    if kind == "options_few":
        return _("a question of type choice or several needs at least two options")
    if kind == "options_unused":
        return _("only questions of type choice or several have options")
    if kind == "bounds":
        return _("“{less}” is greater than “{more}”", less=str(context["less"]), more=str(context["more"]))
    if kind == "type_other":
        return _(
            "only a question of type {type} can have “{field}”", type=str(context["kind"]), field=str(context["name"])
        )
    if kind == "labels_same":
        return _(
            "two options have the same {language} label: {label}",
            language=_NAMES[str(context["language"])],
            label=str(context["label"]),
        )
    if kind == "text_same":
        return _(
            "the {language} text is the same as the {other} one: it is not translated",
            language=_NAMES[str(context["language"])],
            other=_NAMES[str(context["other"])],
        )
    if kind == "string_pattern_mismatch":
        return _("2 to 5 capital letters were expected here, such as ABC, not “{found}”", found=str(error["input"]))
    if kind.startswith("greater"):
        return _("“{found}” is too small: at least {least}", found=str(error["input"]), least=str(context["ge"]))
    if kind.startswith("less"):
        return _("“{found}” is too large: at most {most}", found=str(error["input"]), most=str(context["le"]))
    if kind.startswith("int"):
        return _("a whole number was expected here, not “{found}”", found=str(error["input"]))
    if kind.startswith("bool"):
        return _("yes or no was expected here, not “{found}” (write true or false)", found=str(error["input"]))
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return _("fields were expected under this line")
    if kind in ("too_short", "too_long"):
        return _(
            "{n} lines were expected here, not {found}",
            n=int(context.get("min_length") or context["max_length"]),
            found=int(context["actual_length"]),
        )
    if kind.startswith("list"):
        return _("a list was expected here (lines that begin with a dash)")
    return _("“{found}” does not fit here", found=str(error["input"])[:40])


def _siblings(where: Where) -> list[str]:
    """The fields that may stand where an unknown one was found."""
    from pydantic import BaseModel

    part: Any = Programme
    for step in where[:-1]:
        if isinstance(part, type) and issubclass(part, BaseModel) and step in part.model_fields:
            part = part.model_fields[str(step)].annotation
        while not isinstance(part, type) or not issubclass(part, BaseModel):
            inner = [a for a in getattr(part, "__args__", ()) if a is not type(None)]
            if not inner:
                return list(FormField.model_fields)
            part = inner[-1]
    return list(part.model_fields) if isinstance(part, type) and issubclass(part, BaseModel) else []


def _whole(kind: str, words: Mapping[str, str]) -> Text:
    """What staff should read for a mistake that only the whole file shows."""
    sentences: dict[str, Text] = {
        "zone": _("“{zone}” is not a known time zone", **words),
        "no_holidays": _(
            "the public holidays of “{country}” are not known; write a country as {example}, or leave the line out",
            **words,
        ),
        "twice": _("“{id}” is already the name of another question", **words),
        "no_question": _("there is no earlier question “{id}”", **words),
        "no_option": _("the question “{question}” has no option “{id}”", **words),
        "no_reason": _("the option “{id}” means “no”, so it must name a refusal that explains why", **words),
        "no_refusal": _("there is no text “{id}” under refusals", **words),
        "no_applicant": _("“{id}” is not one of the kinds of applicant", **words),
        "no_status": _("the text for the status “{id}” is missing", **words),
        "no_topic": _("“{found}” is not possible here; possible are: {choices}", **words),
        "no_fill": _("nothing says what {{{id}}} stands for; add it under “fill”", **words),
    }
    return sentences[kind]
