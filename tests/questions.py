"""Random questions: what nobody would type, and what somebody will. The same for the same seed."""

import random
from collections.abc import Iterator

WORDS = """fiets bakfiets parkeren garage salaris salarisspecificatie verlof aanvragen ORA-00942 wie ben ik 12b
the of and or NOT AND OR password leave payslip I.C.T. foto's e-mail C++ https://example.org/a?b=c&d:e info@example.org
12:30 C:\\dir -fiets --force kind:faq soort:vraag taal:nl lang:English topic:fietsen onderwerp: kind: taal:xx
"mijn hr" „in de garage” “a b” «c» -"d e" *fiets* fi?ts ~fiets^2 (fiets title:fiets [a+TO+b] /regex/ \\ null
<script>alert(1)</script> ' OR 1=1-- ${jndi:ldap://x} %00 ..%2f {{7*7}} ﷽ مرحبا‎ שלום 你好 ｆｕｌｌｗｉｄｔｈ ﬁets Ｆiets
🚲 👩‍👩‍👧‍👦 🇳🇱 é ß İ ı ǅ ŀ ﬃ ½ ² ٣ \u202egarage \u200b \ufeff \ufffe \ud83d \udfff \x00 \x1b[31m \x7f""".split()
SIGNS = "\"“”„«»'-+*?:()[]{}<>^~!&|\\/.,;#%@=_ \t\n\r\0\x0b\u2028\u00a0\u200d\u0301"
RANGES = ((32, 126), (0, 31), (0xC0, 0x24F), (0x590, 0x6FF), (0x4E00, 0x4FFF), (0x1F300, 0x1FAFF), (0xD800, 0xDFFF))


def questions(count: int, seed: int = 4) -> Iterator[str]:
    """So many texts: words and operators, signs, characters of any kind, and very long ones."""
    rng = random.Random(seed)
    makers = (_words, _words, _signs, _characters, _mixed)
    for number in range(count):
        text = rng.choice(makers)(rng)
        yield text * rng.randint(20, 400) if number % 50 == 0 else text


def _words(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(1, 12)))


def _signs(rng: random.Random) -> str:
    return "".join(rng.choices(SIGNS + "abé", k=rng.randint(1, 60)))


def _characters(rng: random.Random) -> str:
    return "".join(chr(rng.randint(*rng.choice(RANGES))) for _ in range(rng.randint(1, 40)))


def _mixed(rng: random.Random) -> str:
    pieces = [rng.choice((_words, _signs, _characters))(rng)[:20] for _ in range(rng.randint(2, 6))]
    return rng.choice(("", " ", "\n")).join(pieces)
