"""The language of a page, by Accept-Language (RFC 4647, 3.4) and by `?lang=`."""

import pytest
from flask.testing import FlaskClient

from .conftest import only_embedded


@only_embedded
@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "nl"),
        ("*", "nl"),
        ("de", "nl"),
        ("nl-NL,en;q=0.9", "nl"),
        ("nl-BE, en;q=0.9", "nl"),
        ("en-US, nl;q=0.8", "en"),
        ("EN-gb", "en"),
        ("nl;q=0, *", "en"),
        ("de, en;q=0.3, nl-BE;q=0.2", "en"),
        ("nonsense;;q=x", "nl"),
    ],
)
def test_a_range_counts_for_its_language(client: FlaskClient, accept: str, language: str) -> None:
    assert client.get("/problems", headers={"Accept-Language": accept}).headers["Content-Language"] == language
    other = {"nl": "en", "en": "nl"}[language]
    assert (
        client.get(f"/problems?lang={other}", headers={"Accept-Language": accept}).headers["Content-Language"] == other
    )
