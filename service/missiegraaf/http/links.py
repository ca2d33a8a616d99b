"""Links in the header of a response (RFC 8288): what it is of, its licence, its other formats and its other pages."""

from __future__ import annotations

from typing import Final

from flask import Response

from missiegraaf.formats import media
from missiegraaf.formats.iris import uri
from missiegraaf.formats.media import Offer

RECORDS: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
VOCABULARIES: Final = "https://creativecommons.org/licenses/by/4.0/"
_DATASET: Final = "/.well-known/void"


def link(target: str, relation: str, media_type: str = "") -> str:
    """Return one link."""
    return f'<{target}>; rel="{relation}"' + (f'; type="{media_type}"' if media_type else "")


def add(response: Response, *more: str, path: str, canonical: str, licence: str, offer: Offer, query: str = "") -> None:
    """Add the links of a document at a path, in the format of an offer, to its response; `more` are links of its own.

    `canonical` is its IRI; `query` leads to this page of it. JSON-LD comes without its alternates: PyLD 3.3 reads none
    that has several, and rdflib would follow them to the same once more.
    """
    profile = offer.profile or (media.COMPACTED.profile if offer.suffix == media.JSON_LD.suffix else "")
    others = [other for other in media.DOCUMENTS if not other.profile and offer.suffix != media.JSON_LD.suffix]
    found = [
        *more,
        link(uri(canonical) + query, "canonical"),
        link(_DATASET, "describedby"),
        link(licence, "license"),
        *([link(profile, "profile")] if profile else []),
        *(link(f"{path}.{other.suffix}{query}", "alternate", other.media_type) for other in others),
    ]
    response.headers["Link"] = ", ".join(found)


def pages(path: str, page: int, last: int) -> list[str]:
    """Return the links from one page of a document to the others, none where there is only one."""
    others = {"first": 1, "prev": page - 1, "next": page + 1, "last": last} if last > 1 else {}
    return [link(f"{path}?page={number}", name) for name, number in others.items() if 1 <= number <= last]
