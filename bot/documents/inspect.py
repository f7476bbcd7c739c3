"""Looks at one uploaded file, in a process with little memory and little time: `python -m bot.documents.inspect FILE`.

Prints `ok <MIME type>` or `no <trouble>`. The type is read from the bytes and the whole file must parse as it: the
sender's name and type count for nothing. A photo is written anew, which drops its place and whatever hid behind it.
"""

from __future__ import annotations

import resource
import sys
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

MEMORY, CPU_S = 512 * 2**20, 10
PIXELS = 40_000_000
PAGES = 200
ENTRIES, UNPACKED, RATIO = 1000, 100 * 2**20, 100  # of an Office file, which is a zip

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


class No(Exception):
    """Not taken, for this trouble."""


def look(path: Path) -> str:
    """The MIME type. No if the file is none of ours, or not to be trusted."""
    with path.open("rb") as file:
        head = file.read(1024)
    if head.startswith(b"%PDF-"):
        return _pdf(path)
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _image(path)
    if head.startswith(b"PK\x03\x04"):
        return _office(path)
    raise No("type")


def _pdf(path: Path) -> str:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(BytesIO(path.read_bytes()), strict=False)
        if reader.is_encrypted:
            raise No("locked")
        if not 0 < len(reader.pages) <= PAGES:
            raise No("unsafe")
        root = reader.trailer["/Root"]
        names = root.get("/Names")  # type: ignore[attr-defined]
        active = {"/JavaScript", "/EmbeddedFiles"} & set(names.get_object() if names is not None else ())
        opening = root.get("/OpenAction")  # type: ignore[attr-defined]
        opened = opening.get_object() if opening is not None else None
        if active or "/AA" in root or (isinstance(opened, dict) and opened.get("/S") in ("/JavaScript", "/Launch")):  # type: ignore[operator]
            raise No("unsafe")
        for page in reader.pages:
            for annotation in page.get("/Annots") or ():
                action = annotation.get_object().get("/A")
                if action is not None and action.get_object().get("/S") in (
                    "/JavaScript",
                    "/Launch",
                    "/SubmitForm",
                    "/ImportData",
                ):
                    raise No("unsafe")
    except (PyPdfError, KeyError, AttributeError, TypeError, ValueError, RecursionError) as broken:
        raise No("unsafe") from broken
    return "application/pdf"


def _image(path: Path) -> str:
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = PIXELS
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as image:
            if image.width * image.height > PIXELS:
                raise No("unsafe")
            kind = str(image.format)
            upright = ImageOps.exif_transpose(image)
            upright = upright if upright.mode in ("L", "RGB", "RGBA") else upright.convert("RGB")
            clean = Image.new(upright.mode, upright.size)
            clean.paste(upright)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,
        ValueError,
        MemoryError,
    ) as broken:
        raise No("unsafe") from broken
    with path.open("wb") as file:
        clean.save(file, kind, **({"quality": 88} if kind == "JPEG" else {"optimize": False}))
    return "image/jpeg" if kind == "JPEG" else "image/png"


def _office(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            packed = sum(entry.compress_size for entry in entries) or 1
            unpacked = sum(entry.file_size for entry in entries)
            if len(entries) > ENTRIES or unpacked > UNPACKED or unpacked / packed > RATIO:
                raise No("unsafe")
            if any(
                name.startswith("/")
                or ".." in name.split("/")
                or name.lower().endswith((".bin", ".exe", ".js", ".vbs"))
                for name in names
            ):
                raise No("unsafe")
            if any(entry.flag_bits & 1 for entry in entries):
                raise No("locked")
            if "[Content_Types].xml" not in names:
                raise No("type")
            types = archive.read("[Content_Types].xml")
            if b"macroEnabled" in types or b"<!DOCTYPE" in types or b"<!ENTITY" in types:
                raise No("unsafe")
            if archive.testzip() is not None:
                raise No("unsafe")
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, NotImplementedError, EOFError) as broken:
        raise No("unsafe") from broken
    if "word/document.xml" in names:
        return WORD
    if "ppt/presentation.xml" in names:
        return SLIDES
    raise No("type")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    if sys.platform != "darwin":  # macOS does not hold this limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        print("ok", look(Path(sys.argv[1])))
    except No as trouble:
        print("no", trouble)
    except MemoryError:
        print("no", "unsafe")


if __name__ == "__main__":
    main()
