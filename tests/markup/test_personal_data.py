import pytest
from hypothesis import given
from hypothesis import strategies as st

from markup.personal_data import Match, find, is_bsn, is_iban


def kinds(text: str, **kwargs: list[str]) -> list[tuple[str, str]]:
    return [(match.kind, match.text) for match in find(text, **kwargs)]


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("email", "jan.de-vries+werk@voorbeeld.co.nl"),
        ("email", "j@a.nl"),
        ("phone", "06-12345678"),
        ("phone", "06 12 34 56 78"),
        ("phone", "(020) 123 45 67"),
        ("phone", "088-1234567"),
        ("phone", "+31 (0)6 1234 5678"),
        ("phone", "0031 6 12345678"),
        ("phone", "+44 20 7946 0958"),
        ("phone", "+32 470 12 34 56"),
        ("iban", "NL91ABNA0417164300"),
        ("iban", "NL91 ABNA 0417 1643 00"),
        ("iban", "nl91abna0417164300"),
        ("iban", "BE68 5390 0754 7034"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
        ("bsn", "123456782"),
        ("bsn", "1234.56.782"),
        ("bsn", "123 456 782"),
    ],
)
def test_finds(kind: str, written: str) -> None:
    assert kinds(f"Mijn gegevens: {written}, graag spoed.") == [(kind, written)]
    assert kinds(written) == [(kind, written)]


@pytest.mark.parametrize(
    "text",
    [
        "op 01-02-2026 10:30",
        "2026-11-22 14.00",
        "versie 1.2.3.4",
        "NL92ABNA0417164300",  # check digits wrong
        "ZZ91ABNA0417164300",  # no such country
        "123456789",  # fails the eleven-test
        "000000000",
        "bel 0800-1234 of 0900-1234",
        "bestelling 4512345678",
        "€ 10 000 000 000",
        "12345678901234567890",
        "a@b",
        "@iemand",
        "formulier 12345672",  # eight digits pass the test, but nothing calls it a BSN
    ],
)
def test_leaves_alone(text: str) -> None:
    assert find(text) == []


def test_a_bsn_of_eight_digits_counts_where_it_is_called_one() -> None:
    assert kinds("Mijn BSN is 12345672.") == [("bsn", "12345672")]


def test_names_whole_in_any_case_and_parts_with_a_capital() -> None:
    text = "Jan de Vries, JAN DE VRIES, jan  de\nvries, mevrouw Vries, Jan, jan, de, Jansen, Vriesland"
    assert [found for _, found in kinds(text, names=["Jan de Vries", ""])] == [
        "Jan de Vries",
        "JAN DE VRIES",
        "jan  de\nvries",
        "Vries",
        "Jan",
    ]


def test_matches_are_sorted_and_say_where() -> None:
    text = "Sanne (sanne@a.nl): 06-12345678"
    assert find(text, names=["Sanne Bakker"]) == [
        Match(0, 5, "name", "Sanne"),
        Match(7, 17, "email", "sanne@a.nl"),
        Match(20, 31, "phone", "06-12345678"),
    ]


@given(st.text(st.sampled_from("0123456789+-. ()@abNL\n"), max_size=80), st.lists(st.text(max_size=10), max_size=3))
def test_matches_never_overlap_and_quote_the_text(text: str, names: list[str]) -> None:
    end = 0
    for match in find(text, names=names):
        assert end <= match.start < match.end
        assert text[match.start : match.end] == match.text
        end = match.end


@given(st.integers(10_000_000, 99_999_999))
def test_one_wrong_digit_never_passes_the_eleven_test(start: int) -> None:
    passing = [digit for digit in range(10) if is_bsn(f"{start}{digit}")]
    assert len(passing) <= 1


@given(st.integers(2, 98), st.integers(0, 10**10 - 1))
def test_exactly_the_right_check_digits_pass_mod_97(check: int, account: int) -> None:
    bban = f"ABNA{account:010d}"
    digits = "".join(str(int(char, 36)) for char in f"{bban}NL00")
    assert is_iban(f"NL{check:02d}{bban}") == (check == 98 - int(digits) % 97)
