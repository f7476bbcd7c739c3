"""Documents that somebody sends."""

from __future__ import annotations

from collections.abc import Callable

from handlers.talk.message import File, Json
from handlers.talk.question import Misread, PartialAnswer, Question, Reply, Shape, Stale
from handlers.talk.words import Listed, Text, UserText, _

TROUBLES: dict[str, Callable[[int], Text]] = {
    "size": lambda most: _("The file is larger than {max} MB. Can you make it smaller?", max=most),
    "type": lambda most: _("Accepted formats: PDF, JPG, PNG, DOCX, PPTX."),
    "unsafe": lambda most: _("I could not open this file safely. Please send it as a plain PDF or a photo."),
    "locked": lambda most: _("This file is protected by a password. Please send a copy without one."),
    "gone": lambda most: _("I could not fetch this file. Could you send it again?"),
    "full": lambda most: _("You have sent many files already. Please write to the team before sending more."),
}


def files(prompt: Text, *, most: int = 5, largest: int = 10) -> Question[list[File]]:
    """One to `most` documents or photos of at most `largest` MB each, sent one by one and ended with "done"."""

    def show(value: list[File]) -> Text:
        return Listed(tuple(UserText(file.name) for file in value))

    def load(kept: Json) -> list[File]:
        if not isinstance(kept, list) or not 0 < len(kept) <= most:
            raise Stale
        try:
            return [File.of(one) for one in kept]
        except ValueError as why:
            raise Stale from why

    def read(heard: Reply) -> list[File]:
        if heard.trouble:
            raise Misread(TROUBLES.get(heard.trouble, TROUBLES["unsafe"])(largest))
        picked = load(heard.picked) if heard.picked else []
        if heard.file is None:
            raise Misread(_("Please send a photo or a document here (PDF, JPG, PNG, DOCX, PPTX)."))
        picked = [*picked, heard.file]
        if len(picked) >= most:
            return picked
        note = _("Received: {files}. Send another page or file, or press “Done”.", files=show(picked))
        raise PartialAnswer([file.kept() for file in picked], note)

    def keep(value: list[File]) -> Json:
        return [file.kept() for file in value]

    return Question(prompt, read, load, keep, show, done=bool, wants_file=True, shape=Shape("files", 1, most, "files"))
