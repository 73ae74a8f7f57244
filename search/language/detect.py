"""Language detection, for texts without a language."""

from search.language.lexicon import is_word
from search.language.stopwords import STOPWORDS
from search.language.tokens import tokenise

_MAX_WORDS = 200  # words
# Letter sequences that only one of the two languages has.
_SIGNS = {
    "nl": ("ij", "aa", "uu", "oe", "eeu", "sch", "heid", "lijk", "tje"),
    "en": ("th", "wh", "tion", "ough", "ea", "ness", "ght"),
}


def detect(text: str, default: str = "nl") -> str:
    """Return "nl" or "en"; the default when the text does not tell (names, codes, nothing)."""
    scores = dict.fromkeys(_SIGNS, 0.0)
    for number, token in enumerate(tokenise(text)):
        if number == _MAX_WORDS:
            break
        word = token.text
        common = [language for language, words in STOPWORDS.items() if word in words]
        known = common or [language for language in scores if is_word(word, language)]
        if len(known) == 1:
            scores[known[0]] += 2 if common else 1
        else:
            for language, signs in _SIGNS.items():
                scores[language] += 0.4 * any(sign in word for sign in signs)
    best = max(scores, key=lambda language: scores[language])
    return default if scores[best] == min(scores.values()) else best
