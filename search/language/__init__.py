"""Text analysis in Dutch and English, the same for both engines.

    analysis = Analysis(vocabulary)
    analysis.words("Mijn vakantiedagenaanvraag", "nl")

`tokens` splits a text into words, `lexicon` has a word's lemma, `stems` its stem, `compounds` its parts, `detect`
detects a text's language, and `analysis` combines them. Nothing here knows an engine or a model.
"""

LANGUAGES = ("nl", "en")
VERSION = 3  # raise when terms change, so that the index is rebuilt
