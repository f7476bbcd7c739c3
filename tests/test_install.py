"""An ordinary install: the built wheel in an environment that knows nothing of this folder, from its settings to a talk."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from tomllib import loads

import httpx2
import pytest

from bot.commands.init import settings_file
from bot.settings import HOME, Settings, explained
from handlers.talk.words import LANGUAGES, plain, read_languages
from tests.house import PDF, free_port

TONGUES = read_languages(HOME / "locales")
VERSION = loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]["version"]


class Installed:
    """The wheel in a virtual environment of its own. Libraries are those of the tests; all that is ours is the wheel's."""

    def __init__(self, folder: Path) -> None:
        self.root, self.here = folder / "venv", folder / "elsewhere"
        self.here.mkdir()
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(build, cwd=HOME, check=True, capture_output=True, timeout=120)
        venv.create(self.root, symlinks=True)
        self.bin = self.root / "bin"
        (wheel,) = folder.glob("*.whl")
        pip = [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "install", "-q"]
        subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True, timeout=120)
        site = sysconfig.get_path("purelib", vars={"base": str(self.root), "platbase": str(self.root)})
        (Path(site) / "libraries.pth").write_text(
            sysconfig.get_path("purelib") + "\n"
        )  # its own .pth files do not count

    def run(self, *words: str, cwd: Path | None = None, said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=cwd or self.here, env=self.environment(), input=said, capture_output=True, text=True, timeout=60
        )

    def environment(self, **settings: str) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("MOUWAKIB_", "PYTHON"))}
        return {**clean, "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}", "LANG": "C.UTF-8", **settings}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("install"))


def test_the_wheel_alone_is_what_runs(installed: Installed) -> None:
    """Code, catalogs, the programme, the page and the migrations are the wheel's, not this folder's."""
    asked = (
        "import bot.settings, bot.web.pages, handlers, storage.schema, json;"
        "print(json.dumps([str(p) for p in (bot.settings.HOME / 'locales', bot.settings.Settings().programme,"
        " bot.web.pages.STATIC, *handlers.__path__, storage.schema.__file__)]))"
    )
    for place in map(Path, json.loads(installed.run("python", "-c", asked).stdout)):
        assert place.exists()
        assert place.is_relative_to(installed.root)


def test_it_says_its_version(installed: Installed) -> None:
    assert installed.run("mouwakib", "--version").stdout == f"mouwakib {VERSION}\n"


@pytest.mark.parametrize(
    ("language", "said", "heard"),
    [
        ("ar", "أوافق\nالقائمة\n", "هل مشروعي مؤهل؟"),
        ("fr", "J'accepte\nmenu\n", "Suis-je éligible ?"),
    ],
)
def test_from_an_empty_folder_to_the_menu(installed: Installed, language: str, said: str, heard: str) -> None:
    """`init` lays down a folder, its next two commands are followed as printed, and the console gets to the menu."""
    hub = installed.here / f"hub {language}"
    made = installed.run("mouwakib", "init", hub.name, "--language", language)
    assert made.returncode == 0, made.stderr
    commands = [line.strip() for line in made.stdout.splitlines() if line.startswith("  ")]
    assert commands == [f"cd '{hub.name}'", "mouwakib serve"]
    assert sorted(path.name for path in hub.iterdir()) == [".env", "programme.yaml"]
    assert (hub / ".env").stat().st_mode & 0o077 == 0
    talked = installed.run("mouwakib", "console", "--language", language, cwd=hub, said=said)
    assert talked.returncode == 0, talked.stderr
    assert heard in plain(talked.stdout)


def test_what_init_lays_down_is_in_order(installed: Installed) -> None:
    installed.run("mouwakib", "init", "fresh")
    hub = installed.here / "fresh"
    checked = installed.run("mouwakib", "programme", "check", "programme.yaml", cwd=hub)
    assert checked.returncode == 0, checked.stdout
    doctor = installed.run("mouwakib", "doctor", cwd=hub)
    assert doctor.returncode == 0, doctor.stdout
    assert "ok   MOUWAKIB_SECRET: set" in doctor.stdout


def test_it_serves_its_page_and_answers_there(installed: Installed) -> None:
    installed.run("mouwakib", "init", "served")
    hub, port = installed.here / "served", free_port()
    with (hub / ".env").open("a") as settings:
        settings.write(f"MOUWAKIB_PORT={port}\n")
    serving = subprocess.Popen(
        ["mouwakib", "serve"], cwd=hub, env=installed.environment(), stderr=subprocess.PIPE, text=True
    )
    try:
        patient = httpx2.HTTPTransport(retries=7)  # until it listens
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, transport=patient) as browser:
            assert browser.get("/health").json()["ok"]
            assert "<html" in browser.get("/").text
            assert browser.get("/static/style.css").status_code == 200
            for number, text in enumerate(("/start", "العربية", "أوافق", "القائمة")):
                message = {"id": f"message-{number}", "text": text}
                assert browser.post("/chat/messages", json=message, headers={"X-Mouwakib": "1"}).status_code == 204
            page = {"id": "message-9", "name": "page.pdf"}  # looked at by a child process of its own
            sent = browser.post("/chat/files", params=page, content=PDF, headers={"X-Mouwakib": "1"})
            assert sent.status_code == 204
            talk = plain(json.dumps(browser.get("/chat/history").json(), ensure_ascii=False))
        assert "هل مشروعي مؤهل؟" in talk
        assert "📎 page.pdf" in talk
    finally:
        serving.terminate()
        _nothing, log = serving.communicate(timeout=30)
    assert "Traceback" not in log


def test_what_is_there_already_is_left_as_it_is(installed: Installed) -> None:
    """A second `init` refuses in one line of the operator's language, whichever of the two files it finds."""
    installed.run("mouwakib", "init", "twice")
    hub = installed.here / "twice"
    for kept, gone in ((".env", "programme.yaml"), ("programme.yaml", ".env")):
        (hub / gone).unlink(missing_ok=True)
        (hub / kept).write_text("mine", "utf-8")
        again = installed.run("mouwakib", "init", "twice", "--language", "fr")
        assert again.returncode == 1
        assert again.stderr == f"twice/{kept} existe déjà ; rien n'a été modifié. Choisissez un autre dossier.\n"
        assert {path.name: path.read_text("utf-8") for path in hub.iterdir()} == {kept: "mine"}
    blocked = installed.run("mouwakib", "init", "twice/programme.yaml/hub")
    assert blocked.returncode == 1
    assert len(blocked.stderr.splitlines()) == 1


# the settings file ----------------------------------------------------------------------------------------------------


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_setting_is_explained_by_its_own_description(language: str) -> None:
    """Each has one paragraph, with the words that stand beside it in `bot/settings.py`, and no setting is missing."""
    tongue = TONGUES[language]
    _head, *parts = settings_file(tongue).strip().split("\n\n")
    found = {}
    for part in parts:
        *comment, line = part.split("\n")
        found[line.removeprefix("#").partition("=")[0]] = " ".join(one.removeprefix("# ") for one in comment)
    assert found == {name: plain(tongue.say(about)) for name, _default, about in explained()}
    assert len(found) == len(Settings.model_fields) == len(parts)


def test_a_setting_that_is_shown_is_its_default(tmp_path: Path, language: str) -> None:
    """Taking every # away changes nothing, but for the secret and the programme file, which are the folder's own."""
    env = tmp_path / ".env"
    env.write_text(re.sub(r"(?m)^#(?=MOUWAKIB_)", "", settings_file(TONGUES[language])), "utf-8")
    shown, default = Settings(_env_file=env), Settings(_env_file=None)
    own = {"secret", "programme"}
    assert shown.model_dump(exclude=own) == default.model_dump(exclude=own)
    assert shown.programme == Path("programme.yaml")


def test_each_folder_gets_a_secret_of_its_own(tmp_path: Path) -> None:
    secrets = set()
    for name in ("one", "two"):
        (tmp_path / name).write_text(settings_file(TONGUES["en"]), "utf-8")
        secrets.add(Settings(_env_file=tmp_path / name).secret.get_secret_value())
    assert len(secrets) == 2
