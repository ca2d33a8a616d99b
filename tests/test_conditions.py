"""What conditions make of a request: every order of them, against the steps of RFC 9110, 13.2.2, one by one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import http_date

from missiegraaf.http.conditions import outcome

TIME = datetime(2026, 11, 22, 12, tzinfo=UTC)
TAGS = {'"a"': True, 'W/"a"': False, '"b"': False, '"b", "a"': True, "*": True, '"b", W/"a"': False}  # strongly equal
WEAKLY = {'W/"a"', '"b", W/"a"', *(tags for tags, equal in TAGS.items() if equal)}
DATES = {
    http_date(TIME - timedelta(seconds=1)): -1,
    http_date(TIME): 0,
    http_date(TIME + timedelta(days=1)): 1,
    "last week": None,
}
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "If-Match": st.sampled_from(sorted(TAGS)),
        "If-None-Match": st.sampled_from(sorted(TAGS)),
        "If-Modified-Since": st.sampled_from(sorted(DATES)),
        "If-Unmodified-Since": st.sampled_from(sorted(DATES)),
    },
)


def by_the_steps(headers: dict[str, str], dated: bool) -> int:
    """The status that clause 13.2.2 gives, of what has the tag "a" and, if it is dated, was last modified at TIME."""
    if "If-Match" in headers:  # step 1
        if not TAGS[headers["If-Match"]]:
            return 412
    elif "If-Unmodified-Since" in headers and dated:  # step 2
        since = DATES[headers["If-Unmodified-Since"]]
        if since is not None and since < 0:
            return 412
    if "If-None-Match" in headers:  # step 3
        return 304 if headers["If-None-Match"] in WEAKLY else 200
    if "If-Modified-Since" in headers and dated:  # step 4
        since = DATES[headers["If-Modified-Since"]]
        return 304 if since is not None and since >= 0 else 200
    return 200


@given(HEADERS, st.booleans())
def test_conditions_come_in_their_order(headers: dict[str, str], dated: bool) -> None:
    assert outcome(headers, "a", TIME if dated else None) == by_the_steps(headers, dated)


def test_what_cannot_be_read_as_a_tag_matches_nothing() -> None:
    assert outcome({"If-None-Match": '"'}, "a", TIME) == 200
    assert outcome({"If-None-Match": "", "If-Modified-Since": http_date(TIME)}, "a", TIME) == 200
    assert outcome({"If-Match": "<>"}, "a", TIME) == 412
