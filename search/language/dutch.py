"""Dutch spelling: corrections of lemmas where the word lists of simplemma contradict themselves.

`forms` has the lemma of each word form, as in the lists.
"""

import re
from collections.abc import Mapping

from search.language.tokens import fold

_OPEN_SYLLABLE = re.compile(r"(?<![aeiou])([aeou])([^aeiou])$")  # stel(en), against stell(en)
_TWO_ALIKE = re.compile(r"([bdfgklmnprst])\1$")
_CONSONANTS = re.compile(r"[^aeiouy]+")
_PARTICIPLE = re.compile(r"^(?:..{1,8})?ge..")
_SOFTENED = str.maketrans("vz", "fs")  # brieven, huizen: brief, huis


def reading(word: str, base: str, forms: Mapping[str, str]) -> str:
    """Return the lemma of a word for which the dictionary has `base`.

    The dictionary files some words under another word although they have forms of their own, which would not match:
    werkgever under werkgeefster but werkgevers under werkgever, rijden under rijen but gereden under rijden.
    """
    if _is_headword(word, base, forms):
        return word
    if not base.endswith(("je", "e", "d", "t")) or (word.endswith("s") and not base.endswith("je")):
        return base
    above = fold(forms.get(base, base)).replace("_", "")
    return base if above == base or _is_headword(base, above, forms) else above  # toegevoegde, toegevoegd, toevoegen


def _is_headword(word: str, base: str, forms: Mapping[str, str]) -> bool:
    """True if a word that is filed under another is a lemma itself: a noun with a plural, an adjective with a form in
    -e, or a verb with a form in -t. Regular inflections of the other word are not: betaald, belt, zieke, groter."""
    if word.endswith("en"):
        if word in (base + "en", base + base[-1] + "en") or not base.endswith(("e", "en")):
            return False
        changed = base.endswith("en") and _CONSONANTS.findall(word.removeprefix("ge")) == _CONSONANTS.findall(base)
        return not changed and any(forms.get(stem + "t") == word for stem in verb_stems(word) if stem[-1] != "t")
    if base.endswith("n") and _is_verb_form(word, base):
        return False
    if word.endswith(("je", "ke")):
        return False
    shorter = next((word[: -len(end)] for end in ("er", "e") if word.endswith(end)), "")
    if shorter and _closed(shorter) == _closed(base):
        return False
    ends = ["en", "e"] if word.endswith(("d", "t")) else ["en", "e", "s"]
    stems = (word, word + word[-1], _open(word))
    return any(forms.get(stem + end) == word for end in ends for stem in stems)


def _is_verb_form(word: str, verb: str) -> bool:
    """True if a word is a verb's stem with -t or -d, or a participle (toegevoegd, gedaan, lopend)."""
    if word == verb + "d" or (_PARTICIPLE.search(word) and word.endswith(("d", "t", "n"))):
        return True
    return any(word.endswith((stem + "t", stem + "d")) for stem in verb_stems(verb))


def verb_stems(verb: str) -> list[str]:
    """Return possible stems of a verb, the likeliest spelling first: steel of stelen, stel of stellen."""
    bare = verb[:-2]
    if _TWO_ALIKE.search(bare):
        return [bare[:-1], bare]
    stem = bare[:-1] + bare[-1:].translate(_SOFTENED)
    return [_OPEN_SYLLABLE.sub(r"\1\1\2", stem), stem]


def _closed(text: str) -> str:
    """Return a stem that is the same for spellings of one sound: gaav and gaaf, groot and grot (of groter)."""
    text = _TWO_ALIKE.sub(r"\1", text)
    return re.sub(r"([aeou])\1(?=[^aeiou]$)", r"\1", text[:-1] + text[-1:].translate(_SOFTENED))


def _open(word: str) -> str:
    """Return a word as it is spelled before -en or -e: het(e) of heet, brev(en)."""
    short = re.sub(r"([aeou])\1(?=[^aeiou]$)", r"\1", word)
    return short[:-1] + {"f": "v", "s": "z"}.get(short[-1], short[-1])
