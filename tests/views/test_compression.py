"""What goes over the wire is compressed, for who can read it."""

from __future__ import annotations

import gzip
import re

import pytest

from tests.clients import Client
from tests.people import People

# What a phone may have to load before the first page stands; a board adds about 40 kB.
MOST_ASSET_BYTES = 120_000


# What is packed is what a page says, whatever it was read from.
pytestmark = pytest.mark.only_sqlite


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_a_page_is_compressed_as_asked(client: Client, people: People, coding: str) -> None:
    client.sign_in(people.scout().email)
    plain = client.get("/leads")
    packed = client.send("GET", "/leads", headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < len(plain.data) / 3
    assert "Content-Encoding" not in plain.headers


def test_a_compressed_page_says_the_same(client: Client) -> None:
    page = client.send("GET", "/login", headers={"Accept-Encoding": "gzip"})
    assert "登录" in gzip.decompress(page.data).decode()


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_script_and_style_weigh_little(client: Client, coding: str) -> None:
    page = client.get("/login").text
    found = set(re.findall(r'"(/static/vendor/[^"]+)"', page))
    assert len(found) >= 2
    answers = [client.get(path, headers={"Accept-Encoding": coding}) for path in found]
    assert all(answer.headers["Content-Encoding"] == coding for answer in answers)
    assert all("immutable" in answer.headers["Cache-Control"] for answer in answers)
    assert sum(len(answer.data) for answer in answers) < MOST_ASSET_BYTES
