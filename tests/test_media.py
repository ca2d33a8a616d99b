"""The choice among media types: RFC 9110, section 12.5.1."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missiegraaf.formats import media

QUALITIES = st.sampled_from(["0", "0.1", "0.5", "0.9", "1"])
RANGES = st.sampled_from([*(offer.media_type for offer in media.GRAPHS), "text/*", "application/*", "*/*", "image/png"])
HEADERS = st.lists(st.tuples(RANGES, QUALITIES), min_size=1, max_size=5).map(
    lambda parts: ", ".join(f"{name};q={q}" for name, q in parts)
)


def chosen(accept: str | None, *offers: media.Offer) -> str | None:
    found = media.choose(accept, offers or media.GRAPHS)
    return found.media_type if found else None


def test_no_header_takes_the_first_offer() -> None:
    assert chosen(None) == chosen("") == "text/turtle"


def test_the_highest_quality_wins() -> None:
    assert chosen("text/turtle;q=0.5, application/n-triples;q=0.9") == "application/n-triples"


def test_a_more_specific_range_overrides_a_wider_one() -> None:
    assert chosen("*/*;q=0.9, text/turtle;q=0.1") == "application/n-triples"
    assert chosen("text/*;q=0.2, text/turtle;q=0.8, application/rdf+xml;q=0.5") == "text/turtle"


def test_a_quality_of_zero_excludes() -> None:
    assert chosen("text/turtle;q=0, */*") == "application/n-triples"
    assert chosen("*/*;q=0") is None


def test_parameters_do_not_narrow_a_range() -> None:
    assert chosen("text/turtle; charset=utf-8") == "text/turtle"
    assert chosen('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"') == "application/ld+json"


def test_a_comma_in_a_quoted_parameter_separates_nothing() -> None:
    assert chosen('application/ld+json;profile="a,b", text/turtle;q=0.5') == "application/ld+json"


def test_an_alias_is_answered_under_its_own_name() -> None:
    assert chosen("application/json", *media.SOLUTIONS) == "application/json"
    assert chosen("application/json;q=0.1, text/csv", *media.SOLUTIONS) == "text/csv"


def test_a_browser_gets_a_page() -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert chosen(browser, *media.GRAPHS, media.HTML) == "text/html"


def test_what_is_not_on_offer_is_refused() -> None:
    assert chosen("image/png, application/pdf;q=0.3") is None


@pytest.mark.parametrize(
    "header",
    [
        "a/b;x=" + " " * 60_000 + '!"',
        "a/b;" * 20_000,
        "a" * 90_000,
        '"' * 16_000,
        '"\\' * 8000,
        'a/b;x="\\",' * 1600,
        "a=;" * 5000,
        "a/b;c  =  " * 1600,
        "turtle",
        "text/turtle;q=high",
        "text turtle",
        "*/turtle",
        "🐢/🐢",
    ],
)
def test_what_names_nothing_that_is_here_is_refused_at_once(header: str) -> None:
    assert chosen(header) is None


def test_what_can_be_read_of_a_header_counts() -> None:
    assert chosen("turtle, , application/n-triples;q=0.5;, text/turtle;q=2x") == "application/n-triples"
    assert chosen(", " * 40_000) == "text/turtle"


def test_what_java_sends_is_read_as_it_is_meant() -> None:
    assert chosen("image/gif, *; q=.2, */*; q=.2") == "text/turtle"
    assert chosen("text/turtle;q=.2, application/rdf+xml;q=.3") == "application/rdf+xml"


def test_a_tie_goes_to_what_is_named_in_full() -> None:
    assert chosen("application/rdf+xml, */*") == "application/rdf+xml"
    assert chosen("application/*, application/rdf+xml") == "application/rdf+xml"
    assert chosen("application/rdf+xml, text/turtle, */*") == "text/turtle"


@given(HEADERS)
def test_an_exact_range_of_zero_is_never_chosen(header: str) -> None:
    accept = f"{header}, application/rdf+xml;q=0"
    exact = [part for part in accept.split(", ") if part.startswith("application/rdf+xml;")]
    if all(part.endswith("q=0") for part in exact):
        assert chosen(accept) != "application/rdf+xml"


@given(HEADERS)
def test_the_order_of_ranges_does_not_matter(header: str) -> None:
    parts = dict(part.split(";q=") for part in header.split(", "))
    forward = ", ".join(f"{name};q={q}" for name, q in parts.items())
    backward = ", ".join(f"{name};q={q}" for name, q in reversed(parts.items()))
    assert chosen(forward) == chosen(backward)


@given(HEADERS)
def test_adding_everything_at_the_least_quality_never_refuses_more(header: str) -> None:
    if "*/*" not in header:
        before, after = chosen(header), chosen(f"{header}, */*;q=0.001")
        assert after == before or before is None


# An oracle written from the text of RFC 9110 alone: ranges are matched from the most specific kind to the least.
FORM = "http://www.w3.org/ns/json-ld#"
ASKED = st.tuples(
    st.sampled_from(
        ["text/turtle", "application/ld+json", "application/n-triples", "text/html", "text/*", "application/*"]
    )
    | st.sampled_from(["*/*", "image/png", "TEXT/Turtle", "application/json"]),
    st.sampled_from(["", f"{FORM}expanded", f"{FORM}flattened", f"{FORM}compacted {FORM}x", "x:y"]),
    st.integers(0, 1000),
)


def header(ranges: list[tuple[str, str, int]]) -> str:
    def written(name: str, profile: str, weight: int) -> str:
        said = f';profile="{profile}"' if profile else ""
        return f"{name}{said};q={weight / 1000:.3f}" if weight != 1000 or said else name

    return " , ".join(written(*asked) for asked in ranges)


def by_the_rfc(ranges: list[tuple[str, str, int]]) -> tuple[str, str] | None:
    """The media type and profile that 12.5.1 prefers among those of documents."""

    def weight(name: str, profile: str) -> tuple[int, int]:
        main = name.split("/", maxsplit=1)[0]
        kinds = [
            [w for n, p, w in ranges if n.lower() == name and profile and profile in p.split()],
            [w for n, _, w in ranges if n.lower() == name and not profile],
            [w for n, _, w in ranges if n == f"{main}/*" and not profile],
            [w for n, _, w in ranges if n == "*/*" and not profile],
        ]
        found = next((kind for kind, weights in enumerate(kinds) if weights), None)
        return (0, 0) if found is None else (max(kinds[found]), 3 - max(found, 1))

    offered = [(o.media_type, o.profile) for o in media.DOCUMENTS]
    offered += [(alias, "") for o in media.DOCUMENTS for alias in o.aliases]
    best = max(offered, key=lambda one: weight(*one))  # max takes the first of several
    return best if weight(*best)[0] else None


@settings(max_examples=600)
@given(st.lists(ASKED, min_size=1, max_size=6))
def test_the_choice_is_that_of_the_rfc(ranges: list[tuple[str, str, int]]) -> None:
    found = media.choose(header(ranges), media.DOCUMENTS)
    assert (found and (found.media_type, found.profile)) == by_the_rfc(ranges)
