"""What a form of a move brings along from the last visit's note."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.leads.moving import beginning_of

MOST = 20


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("想先租一层做研发中心", "想先租一层做研发中心"),
        # To the end of the last sentence that fits.
        ("想先租一层做研发中心。人才公寓还差二十套，正在问园区", "想先租一层做研发中心。"),
        ("想先租一层做研发中心\n人才公寓还差二十套，正在问园区", "想先租一层做研发中心"),
        ("他们说“先租一层做研发中心。”人才公寓还差二十套", "他们说“先租一层做研发中心。”"),
        # Where that would leave little, to the end of a clause, without its comma.
        ("有意。想先租一层做研发中心，人才公寓还差二十套", "有意。想先租一层做研发中心"),
        ("想先租一层做研发中心，人才公寓还差二十套正在问园区", "想先租一层做研发中心"),
        # A number is not torn apart, nor a word.
        ("想租的面积一共大约是五六百到3,000平米", "想租的面积一共大约是五六百到3,000平"),
        ("They want one floor, then three", "They want one floor"),
        ("Wanted: v2.5 of it. And a second floor", "Wanted: v2.5 of it."),
        # What ends nowhere is cut where it must be.
        ("想" * 30, "想" * MOST),
    ],
)
def test_it_ends_with_a_sentence_or_a_clause(text: str, beginning: str) -> None:
    assert beginning_of(text, MOST) == beginning


@given(st.text(alphabet="想租一层。，！\n .,3a”：", max_size=60), st.integers(1, 40))
def test_it_is_a_beginning_that_fits(text: str, most: int) -> None:
    found = beginning_of(text, most)
    assert len(found) <= most or found == text
    assert text.lstrip().startswith(found.strip())
