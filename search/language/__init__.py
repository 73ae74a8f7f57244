"""Language analysis: what a text's words are, in Dutch and in English, the same for both engines.

    analysis = Analysis(vocabulary)
    analysis.words("Mijn vakantiedagenaanvraag", "nl")

`tokens` cuts a text into words, `lexicon` gives a word's dictionary form, `stems` its stem, `compounds` its parts,
`detect` guesses a text's language, and `analysis` puts them together. Nothing here knows an engine or a model.
"""

LANGUAGES = ("nl", "en")
VERSION = 3  # raise when terms change: the index is then rebuilt at start
