"""Settings, read once: from the environment (`MISSIEGRAAF_<NAME>`) and the command line, then frozen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import urlsplit

from missiegraaf.errors import ConfigurationError
from missiegraaf.namespaces import BASE


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
        if self.allow_updates and not self.plain_dataset:
            raise ConfigurationError("allow_updates is for a plain_dataset; records are written with a token")

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
