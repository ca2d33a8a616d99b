"""What every template may use."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import request

from missiegraaf.http.respond import address, href, language, service

_PATH: Final = "/:@!$&'()*+,;=-._~"  # what stands in a path as it is (RFC 3986, 3.3)


def page_context() -> dict[str, Any]:
    """Return what every template may use: the language, a text in it, links, and the service's name."""
    chosen = language()
    settings = service().settings
    return {
        "lang": chosen,
        "say": lambda nl, en: nl if chosen == "nl" else en,
        "href": href,
        "service_title": settings.title_nl if chosen == "nl" else settings.title_en,
        "address": address(),
        "seconds": f"{settings.query_seconds:g}",
        "other_language": _other_language(chosen),
    }


def _other_language(chosen: str) -> str:
    """The address of this page in the other language."""
    other = "en" if chosen == "nl" else "nl"
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return f"{quote(request.path, safe=_PATH)}?{urlencode([*kept, ('lang', other)])}"
