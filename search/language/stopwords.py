"""Stop words. A query of nothing but stop words is searched by its surface instead."""

NL = frozenset(
    """
    de het een der des den ten ter te en of maar want dus noch als dan dat die dit deze dezen wie wat welk welke waar
    wanneer waarom hoe hoeveel ik jij je u hij zij ze wij we jullie men mij me jou hem haar ons hen hun mijn jouw uw
    zijn zich zelf ben bent is was waren wees geweest word wordt worden werd werden geworden heb hebt heeft hebben had
    hadden gehad kan kun kunt kunnen kon konden zal zult zullen zou zouden mag mogen mocht mochten moet moeten
    moest moesten wil wilt willen wilde wilden ga gaat gaan ging doe doet doen deed gedaan laat laten er hier daar
    daarvan daarop daarin hiervan hierin waarin waarop waarmee hiermee daarmee hierdoor hiervoor daarvoor
    aan af bij door in met na naar om onder op over tegen tot uit van vanuit via voor zonder binnen tijdens per
    al alle alles ook nog toch wel niet geen niets iets iemand niemand ieder iedere elk elke ander andere
    heel erg zeer meer meest veel weinig zo zoals omdat zodat doordat terwijl indien toen nu al eens echter
    graag even gewoon misschien eigenlijk hallo hoi beste groet groeten dank bedankt alvast alsjeblieft
    alstublieft aub t s n m k
    """.split()
)

EN = frozenset(
    """
    a an the and or but if then than that this these those there here what which who whom whose when where why how
    i me my mine myself you your yours yourself he him his himself she her hers herself it its itself we us our ours
    ourselves they them their theirs themselves one ones
    am is are was were be been being have has had having do does did doing done can could cannot cant will would wont
    shall should may might must dont doesnt didnt isnt arent wasnt werent havent hasnt hadnt couldnt wouldnt shouldnt
    im ive id ill youre youve theyre weve whats thats theres its hes shes lets
    of at by for with about against between into through during before after to from in out on off over under
    as up down again further once so too very just only also not no nor any some all each every both few more most
    other such own same else ever even still yet already much many lot lots really
    get gets got getting go goes going let make makes want wants wanted need needs know like please thanks thank hi
    hello hey dear anyone anybody someone somebody anything something everything nothing there way able
    u ur t s d m ll re ve am pm etc
    """.split()
)

STOPWORDS = {"nl": NL, "en": EN}
