"""What founders may send, and what is kept out: by its bytes alone, in a process that may die."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.documents import inspect
from bot.documents.store import FileStore
from bot.documents.uploads import NAMES, Refused, Uploads, tidy
from tests import samples

GOOD, BAD = list(samples.good()), list(samples.bad())


@pytest.mark.parametrize(("kind", "content"), [pytest.param(kind, content, id=what) for what, kind, content in GOOD])
def test_is_taken(kind: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(content)
    assert inspect.look(path) == kind


@pytest.mark.parametrize(
    ("trouble", "content"), [pytest.param(trouble, content, id=what) for what, trouble, content in BAD]
)
def test_is_kept_out(trouble: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(content)
    with pytest.raises(inspect.No) as said:
        inspect.look(path)
    assert str(said.value) == trouble


@pytest.mark.parametrize("kind", list(NAMES))
def test_a_good_file_cut_or_bent_anywhere_never_does_worse_than_be_refused(kind: str, tmp_path: Path) -> None:
    content = next(content for _what, found, content in GOOD if found == kind)
    path = tmp_path / "in"
    for at in range(0, len(content), max(1, len(content) // 40)):
        bent = bytearray(content)
        bent[at] ^= 0xFF
        for version in (content[:at], bytes(bent)):
            path.write_bytes(version)
            with suppress(inspect.No):
                assert inspect.look(path) in NAMES


def test_a_photo_loses_its_place_and_what_hid_behind_it_and_stands_upright(tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(samples.exif() + b"PK\x03\x04 and a zip behind it")
    inspect.look(path)
    kept = path.read_bytes()
    assert b"SECRETPHONE" not in kept
    assert b"a zip behind it" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (30, 40)
        assert not image.getexif()


# taking in ----------------------------------------------------------------------------------------------------------


async def stream(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 65536):
        yield content[at : at + 65536]


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_document_is_kept_under_a_name_nobody_can_guess_for_our_eyes_only(tmp_path: Path) -> None:
    file = await Uploads(FileStore(tmp_path), 2**20).take(stream(samples.pdf()), "../../Mon CV.exe")
    (path,) = kept(tmp_path)
    assert (file.name, file.kind, file.size) == (
        ".._.._Mon CV.pdf".lstrip(". "),
        "application/pdf",
        path.stat().st_size,
    ) or file.name.endswith("Mon CV.pdf")
    assert path.name == file.id
    assert len(file.id) == 32
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("content", "trouble"),
    [(b"", "gone"), (samples.pdf() + b"\0" * 2**20, "size"), (b"MZ", "type"), (samples.pdf(password="x"), "locked")],
    ids=["empty", "too large", "a program", "locked"],
)
async def test_what_is_refused_leaves_nothing(tmp_path: Path, content: bytes, trouble: str) -> None:
    with pytest.raises(Refused) as said:
        await Uploads(FileStore(tmp_path), 2**20).take(stream(content), "cv.pdf")
    assert said.value.trouble == trouble
    assert kept(tmp_path) == []


async def test_a_sender_who_stops_half_way_leaves_nothing(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield samples.pdf()[:200]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await Uploads(FileStore(tmp_path), 2**20).take(broken(), "cv.pdf")
    assert kept(tmp_path) == []


async def test_an_inspection_that_takes_too_long_is_ended_and_the_next_one_is_not_hurt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = Uploads(FileStore(tmp_path), 2**20)
    monkeypatch.setattr("bot.documents.uploads.SECONDS", 0.001)
    with pytest.raises(Refused, match="unsafe"):
        await uploads.take(stream(samples.pdf()), "cv.pdf")
    monkeypatch.undo()
    assert (await uploads.take(stream(samples.pdf()), "cv.pdf")).kind == "application/pdf"


async def test_many_documents_at_once_are_all_taken(tmp_path: Path) -> None:
    uploads = Uploads(FileStore(tmp_path), 2**20)
    files = await asyncio.gather(*(uploads.take(stream(samples.pdf()), f"{n}.pdf") for n in range(6)))
    assert len({file.id for file in files}) == len(kept(tmp_path)) == 6


@given(st.text(max_size=300))
def test_a_name_is_safe_to_show_and_to_save(name: str) -> None:
    tidied = tidy(name, "application/pdf")
    assert tidied.endswith(".pdf")
    assert len(tidied) <= 64
    assert not set(tidied) & set("/\\\x00\u202e\u2066\u2067\u2068\u2069")
    assert not tidied.startswith(".")


@pytest.mark.parametrize("id", ["", "..", "../../etc/passwd", "x" * 31, "x" * 33, "x" * 31 + "/", "x" * 31 + "é"])
def test_only_names_of_ours_lead_to_a_file(tmp_path: Path, id: str) -> None:
    with pytest.raises(ValueError, match="not a file name of ours"):
        FileStore(tmp_path).path(id)
