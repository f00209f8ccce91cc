"""Marks in a text: overlapping, over paragraphs, outside it, and never anything but text."""

from __future__ import annotations

import re
from html import unescape

from geomonitor.web.parliament.marking import Mark, highlighted, marked_line, marked_text, pieces


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def test_marks_that_cross_each_other() -> None:
    text = "0123456789"
    found = [(each.text, "".join(sorted(mark.kind for mark in each.marks))) for each in pieces(
        text, [Mark(1, 6, "a"), Mark(4, 8, "b"), Mark(4, 8, "c"), Mark(9, 10, "d")]
    )]  # fmt: skip
    assert found == [("0", ""), ("123", "a"), ("45", "abc"), ("67", "bc"), ("8", ""), ("9", "d")]
    assert "".join(piece for piece, _ in found) == text


def test_marks_outside_the_text_are_left_out() -> None:
    marks = [Mark(3, 3, "a"), Mark(5, 2, "a"), Mark(90, 99, "a"), Mark(8, 99, "a")]
    assert marked_line("0123456789", marks) == '01234567<mark class="mark-a">89</mark>'
    assert marked_text("", marks) == ""


def test_a_mark_leads_somewhere_once() -> None:
    text = marked_text(
        "One two\n\nthree four", [Mark(4, 14, "motion", url="/m/", said="motion", anchor="r-4")]
    )
    assert text.count('id="r-4"') == 1
    assert plain(text).split() == ["One", "two", "(motion)", "three", "(motion)", "four"]
    crossed = marked_line("0123456789", [Mark(0, 9, "a", url="/a/"), Mark(3, 5, "b", url="/b/")])
    assert re.findall('href="([^"]+)"', crossed) == ["/a/", "/b/"]
    assert "<a" not in re.sub(r"<a href=[^>]*>[^<]*</a>", "", crossed), "a link stands in a link"


def test_whatever_stands_in_a_text_stays_text() -> None:
    text = '<script>alert(1)</script> & "quoted"\n\n</p><img src=x>'
    marks = [
        Mark(0, 12, '"><b>', url='/"onclick="x', said="<i>", note="<u>", anchor='"><s>'),
        Mark(5, 45, "x"),
    ]
    html = marked_text(text, marks)
    for never in ("<script", "<img", "<b>", "<i>", "<u>", "<s>", 'onclick="'):
        assert never not in html
    hidden = re.sub(r'<span class="(visually-hidden|mark-note)">.*?</span>', "", html)
    assert "".join(plain(hidden).split()) == "".join(text.split())


def test_words_that_were_found() -> None:
    assert highlighted("a <b> c", [(2, 5), (4, 6), (9, 12)]) == "a <mark>&lt;b&gt;</mark><mark> </mark>c"
