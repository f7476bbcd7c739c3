"""`mouwakib init`: a folder to run in, with a programme file to edit and a `.env` that explains every setting."""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import sys
import textwrap
from pathlib import Path

from bot.settings import HOME, PREFIX, Settings, explained
from handlers.talk.words import Language, _, plain, read_languages

PROGRAMME = "programme.yaml"
WIDTH = 100


class Occupied(Exception):
    """The folder holds such a file already; the message says which, and that nothing was changed."""


def lay_down(folder: Path, language: str) -> str:
    """Make the folder and its two files; what to do next. Occupied rather than touch what is there."""
    tongue = read_languages(HOME / "locales")[language]
    programme, env = folder / PROGRAMME, folder / ".env"
    for path in (programme, env):
        if path.exists():
            said = _("{file} is there already; nothing was changed. Choose another folder.", file=str(path))
            raise Occupied(plain(tongue.say(said)))
    folder.mkdir(parents=True, exist_ok=True)
    with open(os.open(env, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(settings_file(tongue))
    shutil.copyfile(Settings.model_fields["programme"].default, programme)
    ready = _(
        "{folder} is ready: the words and rules to edit are in {programme}, the settings in .env, which is to be kept private.",
        folder=str(folder),
        programme=PROGRAMME,
    )
    then = _("Then open http://127.0.0.1:8080. mouwakib doctor says what is missing.")
    commands = [f"  cd {shlex.quote(str(folder))}", f"  {_command()} serve"]
    return "\n".join(
        [plain(tongue.say(ready)), plain(tongue.say(_("The next two commands:"))), *commands, plain(tongue.say(then))]
    )


def settings_file(tongue: Language) -> str:
    """The `.env`: every setting with what it is for and its default, a secret of its own, and the programme file beside it."""
    given = {f"{PREFIX}SECRET": secrets.token_urlsafe(32), f"{PREFIX}PROGRAMME": PROGRAMME}
    head = _(
        "The settings of Mouwakib. To change one, take away the # in front of its name, write the value after the =, and start Mouwakib again. This file holds secrets: show it to nobody."
    )
    parts = [_comment(tongue.say(head))]
    for name, default, about in explained():
        line = f"{name}={given[name]}" if name in given else f"#{name}={default}"
        parts.append(f"{_comment(tongue.say(about))}\n{line}")
    return "\n\n".join(parts) + "\n"


def _comment(said: str) -> str:
    return textwrap.fill(
        plain(said), WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False, break_on_hyphens=False
    )


def _command() -> str:
    """How this command is called here: by its name, or by its path where no shell finds it."""
    called = Path(sys.argv[0])
    return (
        shlex.quote(str(called.absolute()))
        if called.name == "mouwakib" and not shutil.which("mouwakib")
        else "mouwakib"
    )
