import re
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markup.clean import clean_html, html_to_text
from markup.text import plain, render

from .corpus import inputs
from .policy import faults

CORPUS = inputs()


def test_the_corpus_is_large() -> None:
    assert len(set(CORPUS.values())) == len(CORPUS) >= 200


def wrong(source: str, *, stays: bool) -> list[str]:
    """Return the errors in the output for a hostile input. `stays`: cleaning twice must change nothing."""
    found: list[str] = []
    for how in (clean_html, render):
        try:
            html = how(source)
        except Exception as error:  # noqa: BLE001 - one input must not hide what is wrong with the others
            found.append(f"{how.__name__} raises {error!r}")
            continue
        found += [f"{how.__name__} leaves {fault}" for fault in faults(html)]
        if stays and (again := clean_html(html)) != html:
            found.append(f"{how.__name__} gives {html!r}, cleaned again {again!r}")
    return found


def test_hostile_input_comes_out_clean() -> None:
    found = {name: said for name, source in CORPUS.items() if (said := wrong(source, stays=True))}
    assert found == {}
    assert [name for name, source in CORPUS.items() if not isinstance(plain(source), str)] == []


def test_repeated_hostile_input_comes_out_clean() -> None:
    found = {}
    for name, source in CORPUS.items():
        repeated = (source * (3_000 // len(source) + 1))[:3_000]
        if said := wrong(repeated, stays=False):
            found[name] = said
    assert found == {}


_FRAGMENTS = st.sampled_from(
    [*CORPUS.values()]
    + ["<", ">", "&", '"', "'", "`", "*", "_", "~", "[", "](", ")", "\n", "\n\n", "    ", "> ", "- ", "1. ", "|", "\\"]
    + ["<a href=", "</a>", "<b>", "</b>", "<p>", "</p>", "<table>", "<tr>", "<td>", "</table>", "<li>", "<!--", "-->"]
    + ["https://a.nl/", "www.b.nl", "javascript:", "&#58;", "&amp;", "&lt;", "\0", "\u00a0", "\u2028", "/files/a.png"]
)
hostile = st.lists(_FRAGMENTS | st.text(max_size=12), max_size=12).map("".join)


@given(hostile)
@settings(max_examples=300, deadline=None)
def test_any_html_comes_out_clean_and_stays_as_it_is(source: str) -> None:
    html = clean_html(source)
    assert faults(html) == []
    assert clean_html(html) == html


@given(hostile)
@settings(max_examples=300, deadline=None)
def test_any_markdown_comes_out_clean_and_stays_as_it_is(source: str) -> None:
    html = render(source, max_length=100_000)
    assert faults(html) == []
    assert clean_html(html) == html


@given(st.text(st.characters(exclude_characters="<&\0", exclude_categories=["Cs", "Cc"]), max_size=200))
@settings(deadline=None)
def test_words_survive(words: str) -> None:
    assert html_to_text(clean_html(words)).split() == html_to_text(words).split()


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("<p>x<script>alert(1)</script>y", "<p>xy</p>"),
        ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<img src=https://evil.example/x.gif alt='een foto'>", "een foto"),
        ("<h1>Kop</h1>", "Kop"),
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
        ("<td>los</td>", "los"),
        ("<table>los</table>", "<table><tbody><tr><td>los</td></tr></tbody></table>"),
        ("<!-- weg -->x", "x"),
    ],
)
def test_odd_html_is_put_in_order(html: str, cleaned: str) -> None:
    assert clean_html(html) == cleaned


def test_text_with_thousands_of_ampersands_stays_whole() -> None:
    html = clean_html("&amp;" * 5_000)
    assert html.replace("<wbr>", "") == "&amp;" * 5_000
    assert max(len(run) for run in html.split("<wbr>")) <= 5 * 1_000


def test_every_thread_linkifies_for_itself() -> None:
    results: list[str] = []
    sources = [f"https://a.nl/{number}/" for number in range(8)]

    def work(source: str) -> None:
        results.extend({clean_html(f"zie {source} en verder") for _ in range(50)})

    threads = [threading.Thread(target=work, args=[source]) for source in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(re.findall(r">(https[^<]+)<", "".join(results))) == sources


def test_a_byte_order_mark_is_gone_the_first_time() -> None:
    assert clean_html("\ufeff<script>x</script>\ufeffwoord") == "woord"


def test_cells_of_a_table_are_told_apart() -> None:
    html = (
        "<p>Soorten\tverlof</p><table><tr><th>Soort</th> <th>Loon</th></tr><tr><td>zorg</td><td>70%</td></tr></table>"
    )
    assert html_to_text(html) == "Soorten verlof\nSoort\tLoon\nzorg\t70%"
