"""Tables out of bytes and pasted text: CSV and its kin, workbooks, and what the engines' clients print."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile

import pandas as pd

from dbbuddy.capacity.history.model import HistoryError
from dbbuddy.intake.text import decode

MAX_BYTES = 200 * 1024 * 1024
MAX_COLUMNS = 200
_DELIMITERS = "\t;,|"
_LOOKED_AT = 200


def table_of_file(name: str, data: bytes) -> pd.DataFrame:
    """The table in a file, all cells as text.

    Raises:
        HistoryError: it is empty, too large or no table.
        InputError: it is binary and no workbook.
    """
    if len(data) > MAX_BYTES:
        raise HistoryError(f"{name}: {len(data) / 1e6:.0f} MB is more than 200 MB. Export one value a day or an hour.")
    if data[:4] == b"PK\x03\x04":
        return _checked(_workbook(name, data))
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise HistoryError(f"{name}: this is the old .xls format. Save it as .xlsx or CSV.")
    return table_of_text(decode(name, data))


def table_of_text(text: str) -> pd.DataFrame:
    """The table in a pasted text, all cells as text.

    Raises:
        HistoryError: there is none.
    """
    head = [line for line in text[:200_000].splitlines()[:_LOOKED_AT] if line.strip()]
    if not head:
        raise HistoryError("There is no text. Paste a table with a date and a value on each line.")
    if any(_is_frame(line) for line in head):
        return _checked(_framed(text.splitlines()))
    ruler = next((i for i, line in enumerate(head) if i and _is_ruler(line)), None)
    if ruler is not None:
        return _checked(_ruled(text.splitlines()))
    return _checked(_delimited(text, head))


def _workbook(name: str, data: bytes) -> pd.DataFrame:
    """The first sheet that holds anything."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and the like, which do not matter here
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if sum(entry.file_size for entry in archive.infolist()) > 4 * MAX_BYTES:
                    raise HistoryError(f"{name}: the workbook unpacks to more than 800 MB. Export the sheet as CSV.")
            sheets = pd.read_excel(io.BytesIO(data), sheet_name=None, header=None, dtype=object, engine="openpyxl")
    except HistoryError:
        raise
    except Exception:  # what openpyxl raises on damaged files is not documented
        raise HistoryError(f"{name}: this workbook cannot be read. Save it again, or as CSV.") from None
    filled = [sheet.dropna(how="all").dropna(how="all", axis=1) for sheet in sheets.values()]
    sheet = next((sheet for sheet in filled if sheet.shape[0] and sheet.shape[1] >= 1), None)
    if sheet is None:
        raise HistoryError(f"{name}: the workbook is empty.")
    texts = [["" if pd.isna(cell) else str(cell) for cell in row] for row in sheet.itertuples(index=False)]
    return _with_header(texts)


def _delimited(text: str, head: list[str]) -> pd.DataFrame:
    delimiter = _delimiter(head)
    if delimiter is None:
        rows = [line.split() for line in text.splitlines() if line.strip()]
        return _with_header([[row[0], row[1]] if len(row) == 2 else _spaced(row) for row in rows])
    first = _first_row(head, delimiter)
    body = text[text.index(head[first]) :] if first else text
    names = next(csv.reader([head[first]], delimiter=delimiter))
    headed = not any(_starts_number(cell) for cell in names if cell.strip())
    try:
        table = pd.read_csv(
            io.StringIO(body),
            sep=delimiter,
            header=None,
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
            names=range(min(len(names), MAX_COLUMNS)),
            index_col=False,
            on_bad_lines="skip",
            skiprows=1 if headed else 0,
            encoding_errors="replace",
        )
    except (pd.errors.ParserError, ValueError, csv.Error):
        raise HistoryError("This table cannot be read. Export it as CSV with a header line.") from None
    table.columns = pd.Index(_unique(names[:MAX_COLUMNS]) if headed else _unique([""] * table.shape[1]))
    return table.fillna("")


def _delimiter(head: list[str]) -> str | None:
    """The sign that stands equally often on most lines."""
    best, score = None, 0.0
    for sign in _DELIMITERS:
        counts = _counts(head, sign)
        usual = max(set(counts) - {0}, key=counts.count, default=0)
        share = counts.count(usual) / len(counts) if usual else 0.0
        if sign == "," and usual and _is_decimal(head, sign):
            continue
        if share > score:
            best, score = sign, share
    return best if score >= 0.3 else None


def _counts(head: list[str], sign: str) -> list[int]:
    """How many of the signs part fields on each line; those in quotes do not."""
    return [sum(len(row) - 1 for row in csv.reader([line[:10_000]], delimiter=sign)) for line in head]


def _is_decimal(head: list[str], sign: str) -> bool:
    """Whether on nearly every line a blank parts the columns and the one sign stands inside a number, as in `date 100,5`."""
    return sum(_inside_number(line, sign) for line in head) > 0.8 * len(head)


def _inside_number(line: str, sign: str) -> bool:
    words = line.split()
    if len(words) < 2 or line.count(sign) != 1:
        return False
    before, _, after = words[-1].partition(sign)
    return before.isdigit() and after.isdigit()


def _first_row(head: list[str], delimiter: str) -> int:
    """Titles above the table have fewer columns than it."""
    counts = _counts(head, delimiter)
    usual = max(set(counts) - {0}, key=counts.count, default=0)
    return next((i for i, count in enumerate(counts) if count >= usual), 0)


def _spaced(row: list[str]) -> list[str]:
    """Date, perhaps time, and value parted by blanks: the last word, or the last two with a unit, is the value."""
    if len(row) >= 3 and row[-1].isalpha() and _starts_number(row[-2]):
        return [" ".join(row[:-2]), " ".join(row[-2:])]
    return [" ".join(row[:-1]), row[-1]]


def _is_frame(line: str) -> bool:
    """`-----+-----`, `+-----+`, `|---|---|`."""
    stripped = line.strip()
    return len(stripped) >= 3 and set(stripped) <= set("-+|:=─┼├┤") and any(sign in stripped for sign in "+|┼")


def _is_ruler(line: str) -> bool:
    """`---------- ------` under a header; one rule alone is too little."""
    return len(line.strip()) >= 3 and set(line.strip()) <= {"-", " ", "\t"} and "--" in line


def _framed(lines: list[str]) -> pd.DataFrame:
    sign = "│" if any("│" in line for line in lines[:_LOOKED_AT]) else "|"
    rows = [
        [cell.strip() for cell in line.strip().strip(sign).split(sign)] for line in lines if sign in line and not _is_frame(line)
    ]
    if not rows:
        return _with_header([[line.strip()] for line in lines if line.strip() and not _is_frame(line)])
    return _with_header([row for i, row in enumerate(rows) if i == 0 or row != rows[0]])


def _ruled(lines: list[str]) -> pd.DataFrame:
    """Columns as wide as the dashes under their names; headers come again on each page."""
    at = next(i for i, line in enumerate(lines) if i and _is_ruler(line))
    ruler = lines[at]
    starts = [i for i, sign in enumerate(ruler) if sign == "-" and (i == 0 or ruler[i - 1] != "-")]
    cuts = [*starts[1:], None]
    header = [lines[at - 1][a:b].strip() for a, b in zip(starts, cuts, strict=True)]
    rows = [header]
    for line in lines[at + 1 :]:
        row = [line[a:b].strip() for a, b in zip(starts, cuts, strict=True)]
        ends = line.strip().lower()
        if ends and not _is_ruler(line) and row != header and not (ends.startswith("(") or ends.endswith("selected.")):
            rows.append(row)
    return _with_header(rows)


def _with_header(rows: list[list[str]]) -> pd.DataFrame:
    width = min(max((len(row) for row in rows), default=0), MAX_COLUMNS)
    filled = [(row + [""] * width)[:width] for row in rows]
    if not filled or not width:
        raise HistoryError("There is no table here. Paste lines with a date and a value.")
    headed = not any(_starts_number(cell) for cell in filled[0] if cell.strip())
    names = filled[0] if headed else [""] * width
    return pd.DataFrame(filled[1:] if headed else filled, columns=pd.Index(_unique(names)), dtype=object).astype(str)


def _starts_number(cell: str) -> bool:
    return cell.strip().lstrip("+-.$\"'")[:1].isdigit()


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for i, name in enumerate(names):
        plain = name.strip()[:80] or f"column {i + 1}"
        seen[plain] = seen.get(plain, 0) + 1
        out.append(plain if seen[plain] == 1 else f"{plain} ({seen[plain]})")
    return out


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    if not table.shape[0]:
        raise HistoryError("There is a header but no line below it. Give at least one date with a value.")
    return table.reset_index(drop=True)
