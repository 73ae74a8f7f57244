from django.template import Context, Engine

TEMPLATE = Engine(libraries={"markup": "markup.templatetags.markup"}).from_string(
    "{% load markup %}{{ text|markdown }}"
)


def test_filter_renders_markdown() -> None:
    assert TEMPLATE.render(Context({"text": "*x* <b>"})) == "<p><em>x</em> &lt;b&gt;</p>\n"


def test_filter_shows_nothing_for_none_and_the_source_past_the_limit() -> None:
    assert TEMPLATE.render(Context({"text": None})) == ""
    assert TEMPLATE.render(Context({"text": "<b>" * 10_000})).startswith("<pre>&lt;b&gt;")
