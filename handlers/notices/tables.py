"""Tables for a spreadsheet: everything is text, and nothing a founder wrote can become a formula.

A cell that a spreadsheet would take for a formula begins with an apostrophe in CSV (OWASP's advice), which the programs
hide or drop; in XLSX each cell is typed as a string, so that the words stand as they are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")


def csv_of(rows: Sequence[Sequence[str]]) -> bytes:
    """The table as CSV, UTF-8 with the mark that tells Excel so."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([[safe(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; `cell` is what comes back without a leading apostrophe."""
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(_FORMULA) else cell


def xlsx_of(rows: Sequence[Sequence[str]], *, title: str, rtl: bool = False) -> bytes:
    """The table as an Excel workbook of one sheet, from right to left for Arabic."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.sheet_view.rightToLeft = rtl
    sheet.freeze_panes = "A2"
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value)[:32_767])
            cell.data_type, cell.quotePrefix = "s", True
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
