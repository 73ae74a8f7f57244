"""Words that say little about a subject, by language.

Stop words are not indexed in the language's fields. Weak words are, and count for a fraction in a query.
"""

STOPWORDS: dict[str, frozenset[str]] = {
    "nl": frozenset(
        """aan al alles als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een eens en er
        ge geen geweest haar had heb hebben heeft hem het hier hij hoe hun iemand iets ik in is ja je kan kon
        kunnen maar me meer men met mij mijn moet na naar niet niets nog nu of om omdat onder ons ook op over
        reeds te tegen toch toen tot u uit uw van veel voor want waren was wat werd wezen wie wil worden wordt
        zal ze zelf zich zij zijn zo zonder zou""".split()
    ),
    "en": frozenset(
        """a an and are as at be but by for if in into is it no not of on or such that the their then there these
        they this to was will with""".split()
    ),
}

WEAK: dict[str, frozenset[str]] = {
    "nl": frozenset(
        """alvast bedankt dag even graag hallo jij jou jouw jullie kun kunt moeten onze waar waarom wanneer we wel
        welke wij willen word""".split()
    ),
    "en": frozenset(
        """about after all also am any because been can could did do does doing from had has have he hello her here
        hers hi him his how i its itself just let me mine more my nor now off once only other our ours out over
        own please same shall she should so some than thank thanks theirs them those through too under until up
        us very we were what when where which while who whom why would you your yours""".split()
    ),
}
