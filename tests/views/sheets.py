"""Files that pages send, read again."""

from __future__ import annotations

import csv
import io
from typing import Any

import python_calamine
from werkzeug.test import TestResponse

from tests.clients import Client


def in_csv(client: Client, path: str) -> list[list[str]]:
    return csv_of(client.send("GET", path))


def csv_of(response: TestResponse) -> list[list[str]]:
    assert response.status_code == 200
    assert response.content_length == len(response.data)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"), newline="")))


def in_xlsx(client: Client, path: str) -> list[list[Any]]:
    return sheet_of(client.send("GET", path))


def sheet_of(response: TestResponse) -> list[list[Any]]:
    assert response.status_code == 200
    book = python_calamine.load_workbook(io.BytesIO(response.data))
    rows: list[list[Any]] = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return rows
