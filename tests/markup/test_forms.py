import pytest
from django import forms
from django.utils.translation import override

from markup.forms import MarkdownField, MarkdownTextarea


class Form(forms.Form):
    body = MarkdownField(max_length=10)


def test_keeps_markdown_as_written_with_one_kind_of_line_end() -> None:
    form = Form({"body": "a *b*\r\nc"})
    assert form.is_valid()
    assert form.cleaned_data["body"] == "a *b*\nc"


def test_a_line_end_counts_once_as_it_does_in_the_browser() -> None:
    assert Form({"body": "a\r\n\r\n\r\n\r\n\r\nb234"}).is_valid()


def test_refuses_what_is_too_long_and_says_how_long() -> None:
    form = Form({"body": "x" * 12})
    with override("en"):
        assert form.errors["body"] == ["This text has 12 characters; at most 10 fit. Please shorten it."]


def test_field_can_say_it_in_its_own_words() -> None:
    field = MarkdownField(max_length=3, error_messages={"max_length": "Too much."})
    with pytest.raises(forms.ValidationError, match="Too much"):
        field.clean("xxxx")


def test_textarea_never_cuts_a_pasted_text_off_and_has_a_hook_for_the_editor() -> None:
    html = str(Form()["body"])
    assert "maxlength" not in html
    assert "data-markdown" in html
    assert 'rows="3"' in MarkdownTextarea({"rows": 3}).render("x", "")


def test_a_text_that_shows_nothing_is_none() -> None:
    field, optional = MarkdownField(), MarkdownField(required=False)
    for nothing in ("\u200b", "\ufeff \xad", "[](https://example.com)", "&#8203;", "[a]: /x", "#", "---"):
        with pytest.raises(forms.ValidationError) as refused:
            field.clean(nothing)
        assert refused.value.code == "required", nothing
        assert optional.clean(nothing) == nothing
    for something in (
        "a",
        "<!-- shown as it is -->",
        "![](shown-as-a-link)",
        "?",
        "👍",
        "`x`",
        "![](/documents/1/plan.png)",
        "1 < 2",
        "[a](https://example.com)",
    ):
        assert field.clean(something) == something
