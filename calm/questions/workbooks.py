"""Workbooks (Excel, LibreOffice) as numbered rows of texts, and a small one to begin with.

Read by calamine, which takes a tenth of the time of libraries in Python. A workbook is a zip
archive from outside: how much it holds unpacked is looked at before anything is unpacked.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from html import escape
from pathlib import Path
from typing import Any

from calm.errors import CalmError

MOST_UNPACKED = 256 << 20
"""Bytes that a workbook may hold once it is unpacked."""
MOST_CELLS = 4_000_000
"""Cells of a sheet: one that is filled far away makes it large, and is none of questions."""


def workbook_rows(path: Path, content: bytes, kind: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each row of the first sheet that has any.

    Raises CalmError where it cannot be read: broken, locked by a password, or far too large.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        _check_size(path, content, kind)
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                if sheet.total_height * sheet.total_width > MOST_CELLS:
                    raise CalmError("file.too-large", path=path)
                rows = sheet.to_python(skip_empty_area=False)
                if any(cell != "" for row in rows for cell in row):
                    yield from ((n, [_text(cell) for cell in row]) for n, row in enumerate(rows, 1))
                    return
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise CalmError("file.not-opened", path=path, kind=kind, reason=error) from None


def _check_size(path: Path, content: bytes, kind: str) -> None:
    if kind == "xls":
        return  # no archive: it is as large as it looks
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED:
            raise CalmError("file.too-large", path=path)


def _text(cell: Any) -> str:
    """Return what a cell shows: a workbook keeps every number with its fraction."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime | date | time | timedelta):
        return str(cell)
    return str(cell).replace("\r\n", "\n").strip()


PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override '
    'PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/'
    '2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet '
    'name="questions" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/'
    '2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
"""What a workbook with one sheet consists of beside it."""


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """Return an Excel workbook of one sheet whose cells are these texts."""
    lines = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{lines}</sheetData></worksheet>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            member = zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0))
            archive.writestr(member, f'<?xml version="1.0"?>{part}', zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
