import pytest

from markup.text import TooLong, plain, render


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("Hoi *jij* **daar** ~~niet~~", "<p>Hoi <em>jij</em> <strong>daar</strong> <s>niet</s></p>"),
        ("# Kop", "<h3>Kop</h3>"),
        ("###### Kop", "<h6>Kop</h6>"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("3. drie", '<ol start="3">\n<li>drie</li>\n</ol>'),
        ("```py\nx < 1\n```", '<pre><code class="language-py">x &lt; 1\n</code></pre>'),
        ("![Plattegrond](/files/1/p.png)", '<p><img src="/files/1/p.png" alt="Plattegrond"></p>'),
        (
            "![Foto](https://elders.nl/f.png)",
            '<p><a href="https://elders.nl/f.png" rel="nofollow noopener ugc">Foto</a></p>',
        ),
        ("[bel](tel:+31201234567)", '<p><a href="tel:+31201234567" rel="nofollow noopener ugc">bel</a></p>'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](/nl/vragen/)", '<p><a href="/nl/vragen/" rel="nofollow noopener ugc">x</a></p>'),
    ],
)
def test_markdown_becomes_html(source: str, html: str) -> None:
    assert render(source).strip() == html


def test_table_aligns_by_class_because_the_csp_forbids_style() -> None:
    html = render("| a | b | c |\n|--:|:-:|:--|\n| 1 | 2 | 3 |")
    assert '<td class="text-end">1</td>\n<td class="text-center">2</td>\n<td class="text-start">3</td>' in html
    assert "style" not in html


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        ("kijk op belastingdienst.nl.", "http://belastingdienst.nl", "belastingdienst.nl"),
        ("(https://a.nl/x_(y)).", "https://a.nl/x_(y)", "https://a.nl/x_(y)"),
        ('"https://a.nl"', "https://a.nl", "https://a.nl"),
        ("https://a.nl/?b=1&c=2!", "https://a.nl/?b=1&amp;c=2", "https://a.nl/?b=1&amp;c=2"),
        ("HTTP://INTRANET:8080/x", "HTTP://INTRANET:8080/x", "HTTP://INTRANET:8080/x"),
    ],
)
def test_web_addresses_become_links(text: str, address: str, shown: str) -> None:
    assert f'<a href="{address}" rel="nofollow noopener ugc">{shown}</a>' in render(text)


@pytest.mark.parametrize(
    "text",
    [
        "a@b.nl",
        "manage.py leesmij.md",
        "`www.a.nl`",
        "    www.a.nl",
        "https://jij:geheim@a.nl/",
        "javascript:a",
        "1.2.3",
    ],
)
def test_everything_else_stays_text(text: str) -> None:
    assert "<a" not in render(text)


def test_link_definitions_work_over_the_whole_text() -> None:
    source = "[x][later]\n\n" + "woord " * 10_000 + "\n\n[later]: https://a.nl/"
    assert 'href="https://a.nl/"' in render(source, max_length=100_000)


def test_refuses_what_is_too_long_before_any_work() -> None:
    assert render("a" * 20_000)
    with pytest.raises(TooLong) as refused:
        render("[" * 20_001)
    assert (refused.value.length, refused.value.max_length) == (20_001, 20_000)


def test_the_longest_text_that_a_form_lets_through_keeps_its_structure() -> None:
    source = "\n\n".join(f"## Stap {n}\n\n1. Doe *dit*\n2. Doe dat\n\n```\ncode\n\ncode\n```" for n in range(300))[
        :20_000
    ]
    html = render(source)
    assert html.count("<h4>") == source.count("## ")
    assert "<wbr>" not in html


def test_code_that_is_longer_than_a_chunk_stays_code() -> None:
    html = render("```py\n" + "*x* = 1\n" * 10_000 + "```\n\n*na*", max_length=200_000)
    assert "<em>x</em>" not in html
    assert "<em>na</em>" in html


def test_deep_nesting_keeps_every_word() -> None:
    assert "diep" in render("> " * 100 + "diep")
    assert "diep" in render("*a **b " * 100 + "diep" + "** c*" * 100)
    assert "diep" in plain("![" * 50 + "diep" + "](x)" * 50)


def test_output_cannot_outgrow_the_source_by_tables_or_definitions() -> None:
    table = "|" * 100 + "\n" + "|-" * 99 + "|\n" + "|\n" * 9_000
    assert len(render(table)) < 30 * len(table)
    references = f"[a]: /{'x' * 1_900}\n\n" + "[a] " * 4_000
    assert len(render(references)) < 10 * len(references)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("# Kop\n\nHoi *jij* [x](http://a.nl) &amp; <b>\n\n- a\n- b", "Kop\nHoi jij x & <b>\na\nb"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a\tb\n1\t2"),
        ("![alt](/files/x.png)", "alt"),
        ("", ""),
        ("`x` en\n```\ny\n```", "x en\ny"),
    ],
)
def test_plain_keeps_the_words(source: str, words: str) -> None:
    assert plain(source) == words
