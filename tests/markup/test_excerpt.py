"""Excerpts for cards."""

import pytest

from markup.excerpt import excerpt


@pytest.mark.parametrize(
    ("html", "short"),
    [
        ("<p>Kort.</p>", "<p>Kort.</p>"),
        ("<p>Een zin. Nog een zin die te lang is om mee te nemen.</p>", "<p>Een zin.</p>"),
        ("<p>Hier staat genoeg</p><p>En dit past er niet bij zonder te knippen</p>", "<p>Hier staat genoeg</p>"),
        ("<p>Alleen maar één heel lange zin zonder eind</p>", "<p>Alleen maar één heel…</p>"),
        ("<ol><li>Eerst dit</li><li>Dan iets dat er niet meer bij past</li></ol>", "<ol><li>Eerst dit</li></ol>"),
        ("<h4>Kop</h4><p>Tekst.</p>", "<p><strong>Kop</strong></p><p>Tekst.</p>"),
        ("<p>Zie</p><table><tr><td>x</td></tr></table><p>meer</p>", "<p>Zie</p>"),
        ('<p><img src="/files/a.png" alt="plaatje">Tekst</p>', "<p>Tekst</p>"),
        ("<p>A &lt;b&gt; &amp; <em>c</em></p>", "<p>A &lt;b&gt; &amp; <em>c</em></p>"),
        ("", ""),
    ],
)
def test_excerpts_end_after_a_sentence_or_block(html: str, short: str) -> None:
    assert excerpt(html, length=24) == short


def test_what_is_not_clean_comes_out_clean() -> None:
    text = excerpt('<p onclick="x()">Ja<script>alert(1)</script> <a href="javascript:x">nee</a></p>')
    assert "script" not in text
    assert "onclick" not in text


def test_a_long_text_costs_no_more_than_a_short_one_needs() -> None:
    assert len(excerpt("<p>" + "<em>" * 3000 + "woord " * 50_000, length=100)) < 5000
