"""Settings, read once: from the environment (`MISSIEGRAAF_<NAME>`) and the command line, then frozen."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final
from urllib.parse import urlsplit

from missiegraaf.errors import ConfigurationError
from missiegraaf.namespaces import BASE

# The kinds of publisher that ADMS has, but a private individual: the catalogue names no person.
PUBLISHERS: Final = (
    "Academia-ScientificOrganisation",
    "Company",
    "IndustryConsortium",
    "LocalAuthority",
    "NationalAuthority",
    "NonGovernmentalOrganisation",
    "NonProfitOrganisation",
    "RegionalAuthority",
    "StandardisationBody",
    "SupraNationalAuthority",
)


def _setting(default: Any, help: str, unit: str = "") -> Any:
    return field(default=default, metadata={"help": help, "unit": unit})


@dataclass(frozen=True)
class Settings:
    """Every setting with its default, unit and purpose; a test holds the list in `docs/api.md` against them."""

    base_iri: str = _setting(BASE, "Base of every IRI of the graph; ends in a slash.", "IRI")
    store: str = _setting("store", "Folder of the embedded store.", "path")
    engine: str = _setting(
        "", "Query endpoint of a SPARQL 1.1 server that holds the graph instead of the store.", "URL"
    )
    engine_update: str = _setting("", "Its update endpoint, if not `update` beside the former.", "URL")
    publisher: str = _setting("Missiegraaf", "Who publishes the service.", "name")
    publisher_iri: str = _setting("", "Who that is, by an IRI that others use too; if none, one of the service.", "IRI")
    publisher_homepage: str = _setting("", "Page of who publishes; if none, that of the service.", "URL")
    publisher_type: str = _setting("NonProfitOrganisation", "Kind of publisher, in the ADMS list.", "name")
    contact_name: str = _setting("", "Function that answers questions, no person; if none, the publisher.", "name")
    contact_email: str = _setting("", "Its address, which the catalogue shows.", "e-mail address")
    contact_page: str = _setting("", "Its page; without page and address, that of the service.", "URL")
    security_contact: str = _setting("", "Where to report a leak: `https:`, `mailto:` or `tel:`.", "IRI")
    readers: int = _setting(2, "Processes that answer queries.", "processes")
    query_seconds: float = _setting(30.0, "Time a query may take before its process is killed.", "seconds")
    reader_megabytes: int = _setting(4096, "Address space of a reader process; 0 is no limit.", "MB")
    result_megabytes: int = _setting(256, "Size of a result beyond which a query is refused; 0 is no limit.", "MB")
    result_rows: int = _setting(1_000_000, "Rows, or triples, beyond which a query is refused; 0 is no limit.", "rows")
    waiting_queries: int = _setting(2, "Queries that may wait for a reader before more are refused.", "queries")
    cache_megabytes: int = _setting(64, "Results that are kept to be sent again; 0 keeps none.", "MB")
    in_memory_quads: int = _setting(4_000_000, "Size of a store up to which readers hold it in memory.", "quads")
    kept_versions: int = _setting(20, "Former versions that can be asked.", "versions")
    plain_dataset: bool = _setting(False, "The store is any RDF dataset, without records.", "true or false")
    allow_updates: bool = _setting(False, "Whoever reaches the service may write.", "true or false")
    body_megabytes: int = _setting(4, "Size of a request's body.", "MB")
    service_allowed: str = _setting("", "Endpoints that `SERVICE` may name, separated by spaces.", "IRIs")
    public_prefixes: bool = _setting(True, "Queries may use the prefix list without declaring it.", "true or false")
    address: str = _setting(
        "", "Where the service is reached, ending in a slash; if not given, as each request names it.", "URL"
    )
    publish: bool = _setting(True, "Versions are published: dumps, the change feed and descriptions.", "true or false")
    publish_seconds: float = _setting(30.0, "Time from one dump to the next, at least.", "seconds")
    kept_dumps: int = _setting(3, "Published versions whose dumps are kept, at least one.", "versions")
    feed_pages: int = _setting(0, "Pages of the change feed that are kept; 0 keeps all.", "pages")
    tls: bool = _setting(False, "Browsers reach the service over TLS, which a proxy ends.", "true or false")
    title_nl: str = _setting("Missiegraaf", "Name of the service in Dutch.", "text")
    title_en: str = _setting("Missiegraaf", "Name of the service in English.", "text")

    def __post_init__(self) -> None:
        if not self.base_iri.startswith(("http://", "https://")) or not self.base_iri.endswith("/"):
            raise ConfigurationError(f"base_iri is {self.base_iri!r}; expected an http(s) IRI that ends in a slash")
        if urlsplit(self.base_iri).hostname is None:
            raise ConfigurationError(f"base_iri is {self.base_iri!r}; expected the name of a host in it")
        if min(self.readers, self.query_seconds, self.body_megabytes, self.kept_dumps) <= 0:
            raise ConfigurationError("readers, query_seconds, body_megabytes and kept_dumps must be above zero")
        at_least_zero = (
            "reader_megabytes",
            "result_megabytes",
            "result_rows",
            "waiting_queries",
            "cache_megabytes",
            "in_memory_quads",
            "publish_seconds",
            "feed_pages",
        )
        if below := [name for name in (*at_least_zero, "kept_versions") if getattr(self, name) < 0]:
            raise ConfigurationError(f"{below[0]} is {getattr(self, below[0])}; expected zero or more")
        if self.address and not (self.address.startswith(("http://", "https://")) and self.address.endswith("/")):
            raise ConfigurationError(f"address is {self.address!r}; expected an http(s) URL that ends in a slash")
        self._check_contacts()
        if self.allow_updates and not self.plain_dataset:
            raise ConfigurationError("allow_updates is for a plain_dataset; records are written with a token")

    def _check_contacts(self) -> None:
        for name in ("publisher_iri", "publisher_homepage", "contact_page"):
            _check_web(name, getattr(self, name))
        if self.publisher_type not in PUBLISHERS:
            raise ConfigurationError(
                f"publisher_type is {self.publisher_type!r}; expected one of {', '.join(PUBLISHERS)}"
            )
        if self.contact_email and not re.fullmatch(r"[^\s@<>:\"]+@[^\s@<>:\"]+\.[^\s@<>:\"]+", self.contact_email):
            raise ConfigurationError(f"contact_email is {self.contact_email!r}; expected an e-mail address")
        if self.security_contact and not re.fullmatch(r"(https://|mailto:|tel:)[^\s<>\"]+", self.security_contact):
            raise ConfigurationError(
                f"security_contact is {self.security_contact!r}; expected an https, mailto or tel IRI (RFC 9116, 2.5.3)"
            )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Return the defaults overridden by `MISSIEGRAAF_<NAME>` variables.

        Raises ConfigurationError where a value does not have the setting's type.
        """
        found = {f.name: environ[key] for f in fields(cls) if (key := variable(f.name)) in environ}
        return cls().with_values(found)

    def with_values(self, values: Mapping[str, str]) -> Settings:
        """Return these settings with some values replaced, each given as text."""
        return replace(self, **{name: _read(name, text, getattr(self, name)) for name, text in values.items()})


def _check_web(name: str, value: str) -> None:
    if value and not re.fullmatch(r"https?://[^\s<>\"{}|\\^`/]+(/[^\s<>\"{}|\\^`]*)?", value):
        raise ConfigurationError(f"{name} is {value!r}; expected an http(s) address")


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"MISSIEGRAAF_{name.upper()}"


def _read(name: str, text: str, default: object) -> Any:
    if isinstance(default, bool):
        if text.lower() not in ("true", "false"):
            raise ConfigurationError(f"{name} is {text!r}; expected true or false")
        return text.lower() == "true"
    try:
        return type(default)(text)  # type: ignore[call-arg]  # str, int or float: each takes a text
    except ValueError:
        raise ConfigurationError(f"{name} is {text!r}; expected {type(default).__name__}") from None
