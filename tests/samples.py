"""Documents as founders send them, and as nobody should be able to: each made here, in code."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from tests.house import PDF

TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">%b</Types>'


def pdf(pages: int = 1, change: Callable[[PdfWriter], object] = lambda writer: None, **more: Any) -> bytes:
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(595, 842)
    change(writer)
    out = io.BytesIO()
    if password := more.get("password"):
        writer.encrypt(password)
    writer.write(out)
    return out.getvalue()


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 30), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **more)
    return out.getvalue()


def office(
    kind: str = "word",
    more: dict[str, bytes] | None = None,
    types: bytes = b"",
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    main = {"word": "word/document.xml", "ppt": "ppt/presentation.xml", "xl": "xl/workbook.xml"}[kind]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.writestr("[Content_Types].xml", TYPES % types)
        archive.writestr(main, b"<x/>")
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def action(kind: str, **more: Any) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/S"): NameObject(kind),
            **{NameObject(f"/{name}"): TextStringObject(said) for name, said in more.items()},
        }
    )


def opening(kind: str) -> Callable[[PdfWriter], object]:
    return lambda writer: writer.root_object.__setitem__(NameObject("/OpenAction"), action(kind, JS="app.alert(1)"))


def annotated(kind: str) -> Callable[[PdfWriter], object]:
    def change(writer: PdfWriter) -> None:
        note = DictionaryObject(
            {
                NameObject("/Subtype"): NameObject("/Link"),
                NameObject("/Rect"): ArrayObject([NumberObject(0)] * 4),
                NameObject("/A"): action(kind, URI="https://exemple.ma"),
            }
        )
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])

    return change


def named(tree: str) -> Callable[[PdfWriter], object]:
    return lambda writer: writer.root_object.__setitem__(
        NameObject("/Names"), DictionaryObject({NameObject(tree): DictionaryObject()})
    )


def exif() -> bytes:
    """A photo that says where and with what it was taken, turned on its side."""
    marks = Image.Exif()
    marks[0x0112] = 6
    marks[0x010F] = "SECRETPHONE"
    marks.get_ifd(0x8825)[2] = (34.0, 40.0, 51.0)
    return picture("JPEG", size=(40, 30), exif=marks)


def good() -> Iterator[tuple[str, str, bytes]]:
    """(what it is, its true type, its bytes)."""
    yield "one page", "application/pdf", pdf()
    yield "by hand", "application/pdf", PDF
    yield "two hundred pages", "application/pdf", pdf(200)
    yield "something after its end", "application/pdf", pdf() + b"\n\n\0\0"
    yield "a link in it", "application/pdf", pdf(1, annotated("/URI"))
    yield "opens on a page", "application/pdf", pdf(1, opening("/GoTo"))
    for version in ("1.3", "1.5", "1.7", "2.0"):
        yield f"PDF {version}", "application/pdf", PDF.replace(b"%PDF-1.4", b"%PDF-" + version.encode())
    for mode in ("L", "RGB", "CMYK"):
        yield f"a {mode} JPEG", "image/jpeg", picture("JPEG", mode)
    yield "a photo turned on its side, with its place", "image/jpeg", exif()
    yield "a progressive JPEG", "image/jpeg", picture("JPEG", size=(300, 200), progressive=True)
    for mode in ("1", "L", "P", "RGB", "RGBA", "I;16"):
        yield f"a {mode} PNG", "image/png", picture("PNG", mode)
    yield "a large photo", "image/jpeg", picture("JPEG", size=(6000, 4000))
    yield "a text", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", office("word")
    yield "slides", "application/vnd.openxmlformats-officedocument.presentationml.presentation", office("ppt")
    yield (
        "a text with pictures",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        office("word", {"word/media/image1.png": picture("PNG")}),
    )
    yield (
        "slides, not packed",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        office("ppt", compression=zipfile.ZIP_STORED),
    )


def bad() -> Iterator[tuple[str, str, bytes]]:
    """(what it is, the trouble, its bytes)."""
    yield "a PDF with a password", "locked", pdf(password="secret")
    yield "a PDF without pages", "unsafe", pdf(0)
    yield "a PDF of 201 pages", "unsafe", pdf(201)
    yield "a PDF with JavaScript by name", "unsafe", pdf(1, named("/JavaScript"))
    yield "a PDF with a file in it", "unsafe", pdf(1, lambda writer: writer.add_attachment("x.exe", b"MZ"))
    for kind in ("/JavaScript", "/Launch"):
        yield f"a PDF that opens with {kind}", "unsafe", pdf(1, opening(kind))
    for kind in ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData"):
        yield f"a PDF with a {kind} button", "unsafe", pdf(1, annotated(kind))
    yield (
        "a PDF with actions of its own",
        "unsafe",
        pdf(1, lambda w: w.root_object.__setitem__(NameObject("/AA"), DictionaryObject())),
    )
    whole = pdf(3)
    for share in (2, 5, 20, 50, 70):
        yield f"{share} % of a PDF", "unsafe", whole[: len(whole) * share // 100]
    yield "only the word PDF", "unsafe", b"%PDF-1.7"
    yield "a PDF that goes round in circles", "unsafe", PDF.replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]")
    yield "a PDF whose pages are a number", "unsafe", PDF.replace(b"/Pages 2 0 R", b"/Pages 7    ")
    jpeg, png = picture("JPEG", size=(200, 200)), picture("PNG", size=(200, 200))
    for share in (1, 10, 40):
        yield f"{share} % of a JPEG", "unsafe", jpeg[: max(3, len(jpeg) * share // 100)]
        yield f"{share} % of a PNG", "unsafe", png[: max(8, len(png) * share // 100)]
    yield "a picture of a hundred million points", "unsafe", picture("PNG", "1", (10_000, 10_000))
    yield "a PNG that lies about its size", "unsafe", png[:16] + b"\x7f\xff\xff\xff\x7f\xff\xff\xff" + png[24:]
    yield "a text with macros", "unsafe", office("word", {"word/vbaProject.bin": b"x"})
    yield (
        "a text that says it has macros",
        "unsafe",
        office("word", types=b'<Override ContentType="application/vnd.ms-word.document.macroEnabled"/>'),
    )
    yield "a text with an entity", "unsafe", office("word", types=b'<!DOCTYPE x [<!ENTITY a "b">]>')
    yield "a text that climbs out", "unsafe", office("word", {"../../etc/passwd": b"x"})
    yield "a text with a program", "unsafe", office("word", {"word/embeddings/setup.exe": b"MZ"})
    yield "a text with a script", "unsafe", office("word", {"word/run.js": b"x"})
    yield "a zip bomb", "unsafe", office("word", {"word/media/zeros": b"\0" * (60 * 2**20)})
    yield "a thousand and one entries", "unsafe", office("word", {f"word/{n}.xml": b"" for n in range(1001)})
    for share in (10, 50, 90):
        text = office("word", {"word/styles.xml": bytes(range(256)) * 40})
        yield f"{share} % of a text", "unsafe", text[: len(text) * share // 100]
    damaged = bytearray(office("word", {"word/styles.xml": bytes(range(256))}, compression=zipfile.ZIP_STORED))
    damaged[damaged.index(bytes(range(256))) + 5] ^= 0xFF
    yield "a damaged text", "unsafe", bytes(damaged)
    yield "a table", "type", office("xl")
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("readme.txt", b"hello")
    yield "a plain zip", "type", empty.getvalue()
    others = {
        "a GIF": picture("GIF", "P"),
        "a WebP": picture("WEBP"),
        "a BMP": picture("BMP"),
        "a TIFF": picture("TIFF"),
        "an icon": picture("ICO", "RGBA", (16, 16)),
        "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "a web page": b"<!doctype html><script>alert(1)</script>",
        "a Windows program": b"MZ\x90\0" + b"\0" * 200,
        "a Linux program": b"\x7fELF" + b"\0" * 200,
        "a shell script": b"#!/bin/sh\nrm -rf /\n",
        "an old Word file": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "a RAR": b"Rar!\x1a\x07\x00" + b"\0" * 60,
        "a 7z": b"7z\xbc\xaf\x27\x1c" + b"\0" * 60,
        "a gzip": b"\x1f\x8b\x08" + b"\0" * 60,
        "an MP4": b"\0\0\0\x18ftypmp42" + b"\0" * 60,
        "a HEIC": b"\0\0\0\x18ftypheic" + b"\0" * 60,
        "an OGG": b"OggS" + b"\0" * 60,
        "a text file": "سلام".encode(),
        "one byte": b"%",
        "zeros": b"\0" * 5000,
        "a PDF behind a byte": b"x" + pdf(),
        "a PDF behind a page": b"<html>" + pdf(),
        "RTF": b"{\\rtf1 hello}",
        "a shortcut": b"L\0\0\0\x01\x14\x02\0" + b"\0" * 60,
    }
    for what, content in others.items():
        yield what, "type", content
