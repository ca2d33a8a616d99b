"""Figures of the archived documents: the value in the graph is the one that was printed, and so is its qualifier.

The reader knows the Dutch and English number formats and number words that these documents use.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from missiegraaf import files
from missiegraaf.engine.embedded import Dataset

SMALL = (
    "nul,zero één,one twee,two drie,three vier,four vijf,five zes,six zeven,seven acht,eight negen,nine tien,ten"
    " elf,eleven twaalf,twelve dertien,thirteen veertien,fourteen vijftien,fifteen zestien,sixteen"
    " zeventien,seventeen achttien,eighteen negentien,nineteen"
)
TENS = (
    "twintig,twenty dertig,thirty veertig,forty vijftig,fifty zestig,sixty zeventig,seventy tachtig,eighty"
    " negentig,ninety"
)
WORDS = {
    **{word: n for n, pair in enumerate(SMALL.split()) for word in pair.split(",")},
    **{word: 10 * n for n, pair in enumerate(TENS.split(), 2) for word in pair.split(",")},
    **{pair.split(",")[0] + "honderd": 100 * n for n, pair in enumerate(SMALL.split()[:10]) if n > 1},
    "verdubbeling": 2,
    "doubling": 2,
}
SCALES = {"honderd": 2, "hundred": 2, "duizend": 3, "thousand": 3} | dict.fromkeys(("mln", "miljoen", "million"), 6)
WORD = re.compile(r"\d+(?:[.,]\d+)*|k€|[^\W\d_]+")
GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")

# Words that make the figure after them less than exact, by the language of the document; 'thant' is as printed.
QUALIFIERS = {
    "en": {"over": ("over", "more than", "more thant"), "at-least": ("at least",), "circa": ("about",)},
    "nl": {
        "over": ("meer dan", "ruim"),
        "at-least": ("minimaal", "minimale", "minstens"),
        "circa": ("circa", "ca", "ongeveer"),
    },
}
FIGURES = """
SELECT ?figure ?printed ?value ?least ?most ?qualifier ?passage ?language WHERE {
  ?figure mg:asWritten ?printed ; mg:qualifier ?qualifier ; mg:evidence ?passage .
  ?passage mg:inDocument/dct:language ?language .
  OPTIONAL { ?figure mg:value ?value }
  OPTIONAL { ?figure mg:minValue ?least ; mg:maxValue ?most }
} ORDER BY ?figure ?passage
"""


class Figure(NamedTuple):
    """A figure: its IRI, the printed text, the value or both ends of the range, qualifier, passage and language."""

    iri: str
    printed: str
    values: list[Decimal]
    qualifier: str
    passage: str
    language: str


def digits(text: str) -> Decimal:
    # A point or comma before exactly three digits groups thousands, whichever the language: one English document has
    # both '50.000' and '45.5', and none writes three decimals.
    return Decimal(re.sub(r"[.,]", "", text) if GROUPED.fullmatch(text) else text.replace(",", "."))


def numbers(text: str) -> list[Decimal]:
    """The numbers in a printed text; what it multiplies (`10 x 0,6`, `k€ 200`, `30 mln`) is one of them."""
    found: list[Decimal] = []
    factor = Decimal(1)
    for word in WORD.findall(text.lower()):
        if word == "k€":
            factor = Decimal(1000)
        elif word == "x":
            factor = found.pop()
        elif word in SCALES:
            found[-1] = found[-1].scaleb(SCALES[word])
        elif word in WORDS or word[0].isdigit():
            found.append(factor * (Decimal(WORDS[word]) if word in WORDS else digits(word)))
            factor = Decimal(1)
    return found


def qualifiers(text: str, printed: str, language: str) -> set[str]:
    """What the words in or just before a printed figure make of it, for each of its places in the text."""
    signs = [(sign, qualifier) for qualifier, words in QUALIFIERS[language].items() for sign in words]
    found = set()
    for place in re.finditer(rf"(?<![\w.,]){re.escape(printed)}(?![\d])", text):
        words = " ".join([*text[: place.start()].split()[-2:], printed]).lower()
        found.add(next((qualifier for sign, qualifier in signs if re.search(rf"\b{sign}\b", words)), "exact"))
    return found


@pytest.fixture(scope="module")
def figures(graph: Dataset) -> list[Figure]:
    rows = [
        Figure(
            row["figure"].value,
            row["printed"].value,
            [Decimal(row[name].value) for name in ("least", "most", "value") if row[name] is not None],
            row["qualifier"].value.rpartition("/")[2],
            row["passage"].value.rpartition("/")[2],
            row["language"].value,
        )
        for row in graph.query(FIGURES, prefixes=files.prefixes())
    ]
    assert len(rows) >= 85
    return rows


@given(st.integers(0, 10**9))
def test_grouped_thousands_are_read_in_both_languages(n: int) -> None:
    english = f"{n:,}"
    assert numbers(english) == numbers(english.replace(",", ".")) == [n]


@given(st.decimals(0, 10**4, places=1))
def test_a_decimal_is_read_with_point_and_with_comma(n: Decimal) -> None:
    assert numbers(f"EUR {n}") == numbers(f"{n}".replace(".", ",")) == [n]


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("over 50.000 students", ["50000"]),
        ("EUR 45.5 million", ["45500000"]),
        ("k€ 200", ["200000"]),
        ("10x 0,6 fte", ["6"]),
        ("€ 30 mln over vier jaar", ["30000000", "4"]),
        ("driehonderd", ["300"]),
        ("tachtig procent", ["80"]),
        ("1 tot 3 dagen per week", ["1", "3"]),
        ("more than sixty partners", ["60"]),
        ("185.000 bedrijven", ["185000"]),
    ],
)
def test_a_printed_figure_is_read(printed: str, read: list[str]) -> None:
    assert numbers(printed) == [Decimal(n) for n in read]


def test_the_value_is_the_one_printed(figures: list[Figure]) -> None:
    assert [figure for figure in figures if numbers(figure.printed) != figure.values] == []


def test_the_qualifier_is_the_one_printed(figures: list[Figure], lines: Callable[[str], bytes]) -> None:
    wrong = []
    for figure in figures:
        text = lines(figure.passage).decode()
        signs = QUALIFIERS[figure.language].get(figure.qualifier, ())
        said_before = any(sign in text.lower() for sign in signs)  # 'minimale inzet van 3'
        if figure.qualifier not in qualifiers(text, figure.printed, figure.language) | {"between"} and not said_before:
            wrong.append(figure)
    assert wrong == []
