"""The pages of the feed, as files.

FOLDER/state.json                 the version that the pages reach, and what each begins with
FOLDER/<page>.<suffix>            a full page, which never changes
FOLDER/<page>-<version>.<suffix>  the last page, as it is in that version

A member is an IRI of its own, which is also the name of the graph that holds what the Change left (LDES, "Versions and
transactions"). A file has what the page says of itself, after its length, and then the members. In the first the
address of the feed is _HERE: who sends a page puts that of the service in its place.
"""

from __future__ import annotations

import fcntl
import json
import os
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from missiegraaf import files, log
from missiegraaf.engine.embedded import Dataset
from missiegraaf.errors import StoreError
from missiegraaf.feed.members import members
from missiegraaf.formats import media
from missiegraaf.formats.shorthand import Said, triples, typed
from missiegraaf.formats.writing import to_bytes
from missiegraaf.namespaces import DCT

FORMATS: Final = (media.TRIG, media.N_QUADS, media.JSON_LD)
_HERE: Final = "x-missiegraaf:feed"
_MEMBERS: Final = 250  # on a page
_POLLING: Final = 60  # seconds
_STATE: Final = "state.json"
_VERSION_OF: Final = NamedNode(DCT + "isVersionOf")


@dataclass(frozen=True)
class Page:
    """What a page begins with: the version and the time of its first member."""

    version: int
    time: str


@dataclass(frozen=True)
class State:
    """How far the pages reach: the version and its time, the pages, the members on the last, the first that is kept."""

    version: int = 0
    time: str = ""
    pages: tuple[Page, ...] = ()
    members: int = 0
    first: int = 1

    @property
    def last(self) -> int:
        """The number of the last page, which may still grow; 0 before there is any."""
        return len(self.pages)

    @property
    def since(self) -> str:
        """The time from which on every member is kept, '' where all are: later than that of any that went."""
        if self.first == 1:
            return ""
        later = datetime.fromisoformat(self.pages[self.first - 1].time) + timedelta(seconds=1)
        return later.strftime("%Y-%m-%dT%H:%M:%SZ")

    def after(self, version: int) -> int:
        """Return the number of the page from which on there is all that came after a version."""
        return max(1, bisect_right(self.pages, version, key=lambda page: page.version))

    def name(self, page: int) -> str:
        """Return the name of a page's files, without their suffix."""
        return f"{page}-{self.version}" if page == self.last else str(page)


def state(folder: Path) -> State:
    """Return how far the pages in a folder reach: nowhere, where that cannot be read, so that they are made again."""
    try:
        found = json.loads((folder / _STATE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return State()
    return State(**found | {"pages": tuple(Page(*page) for page in found["pages"])})


class Pages:
    """The pages in a folder, to send. The state is read again when its file is another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: tuple[tuple[int, int], State] = (0, 0), State()

    @property
    def state(self) -> State:
        """How far the pages reach."""
        try:
            found = (self.folder / _STATE).stat()
        except FileNotFoundError:
            return State()
        mark = found.st_ino, found.st_mtime_ns
        if self._known[0] != mark:
            self._known = mark, state(self.folder)
        return self._known[1]

    def content(self, reached: State, page: int, offer: media.Offer, feed: str) -> bytes:
        """Return a page of the feed at an address. Raises FileNotFoundError where the state is no longer this one."""
        head, members = _parts(self.folder / f"{reached.name(page)}.{offer.suffix}")
        head = head.replace(_HERE.encode(), feed.encode())
        return head[:-1] + b"," + members[1:] if offer.suffix == media.JSON_LD.suffix else head + members


def _parts(path: Path) -> tuple[bytes, bytes]:
    """What a page says of itself, and its members."""
    length, _, found = path.read_bytes().partition(b"\n")
    return found[: int(length)], found[int(length) :]


def extend(dataset: Dataset, folder: str, base_iri: str, keep: int = 0, dumped: int = 0, wait: bool = True) -> None:
    """Bring the pages to the version that the log of a dataset ends with; of them `keep` stay, with 0 all.

    Those stay as well that lead on from the version `dumped`. Where another process is at it, nothing is done unless
    it is to `wait`.

    Pages are there before the state names them, so a crash leaves the former state. Equal logs give equal pages.
    Raises StoreError where the disk does not take them.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        with (place / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            former = state(place)
            version = max(former.version, 1)
            while log.has(dataset, version + 1, base_iri):
                version += 1
            if former.version < version:
                _Writer(place, former, base_iri).add(dataset, version, keep, dumped)
    except OSError as error:
        raise StoreError(f"the change feed cannot be written: {error}") from None


class _Writer:
    """The last page, and the state that grows with each member."""

    def __init__(self, folder: Path, former: State, base_iri: str) -> None:
        self._folder, self._former, self._base, self._state = folder, former, base_iri, former
        self._prefixes = files.prefixes(base_iri)
        self._quads: list[Quad] = []
        if former.last:
            _, stored = _parts(folder / f"{former.name(former.last)}.nq")
            self._quads = list(parse(stored, RdfFormat.N_QUADS))

    def add(self, dataset: Dataset, version: int, keep: int, dumped: int) -> None:
        for member in members(dataset, self._former.version, version, self._base):
            now = self._state
            # The clock of a machine may be set back; members never come earlier than those before (LDES).
            time = max(now.time, member.change.time)
            if now.members == _MEMBERS or not now.pages:
                self._write(full=True)
                now = replace(now, pages=(*now.pages, Page(member.change.version, time)), members=0)
                self._quads = []
            self._quads += replace(member, change=replace(member.change, time=time)).quads(self._base)
            self._state = replace(now, time=time, members=now.members + 1)
        self._state = replace(self._state, time=self._state.time or log.released((), self._base))
        most = min(len(self._state.pages) - keep + 1, self._state.after(dumped)) if keep else 1
        self._state = replace(self._state, version=version, first=max(self._former.first, most))
        self._write()
        unfinished = self._folder / "unfinished"
        _keep(unfinished, json.dumps(_plain(self._state)).encode())
        unfinished.replace(self._folder / _STATE)
        named = {self._state.name(page) for page in range(self._state.first, self._state.last + 1)}
        for path in self._folder.iterdir():
            if path.suffix and path.name != _STATE and path.stem not in named:
                path.unlink(missing_ok=True)

    def _write(self, full: bool = False) -> None:
        """Write the last page, for good where it is full and another one follows."""
        if not (number := self._state.last):
            return
        said = _head(number, self._quads, full, self._base)
        name = str(number) if full else self._state.name(number)
        for offer in FORMATS:
            head, members = to_bytes(said, offer.rdf), to_bytes(self._quads, offer.rdf, self._prefixes)
            _keep(self._folder / f"{name}.{offer.suffix}", f"{len(head)}\n".encode() + head + members)


def _keep(path: Path, content: bytes) -> None:
    """Write a file that outlives a power cut, so that what names it later names it whole."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _plain(state: State) -> dict[str, object]:
    return asdict(state) | {"pages": [(page.version, page.time) for page in state.pages]}


def _head(number: int, quads: Iterable[Quad], full: bool, base_iri: str) -> list[Triple]:
    """What a page says of itself: of which stream it is, its members, and of a full one that it has them all.

    Of the last page nothing of the kind is said: LDES advises against an explicit false.
    """
    page = f"{_HERE}/{number}"
    members = [quad.subject.value for quad in quads if quad.predicate == _VERSION_OF]  # type: ignore[union-attr]
    return [
        *_stream(_HERE, base_iri),
        *triples(f"{_HERE}#stream", {"tree:view": page}),
        *triples(page, {"a": "tree:Node", "ldes:immutable": typed("true", "boolean") if full else ()}),
        *triples(f"{_HERE}#stream", {"tree:member": members}),
    ]


def root(reached: State, feed: str, base_iri: str, names: Mapping[str, str]) -> list[Triple]:
    """Return what the feed at an address says of itself: its stream, what is kept of it, and its pages.

    It leads to every page, and no page to another: who has been here before finds what is new without asking for pages
    that never change. `names` are what it is called, by language.
    """
    titles = [Literal(text, language=language) for language, text in names.items()]
    found = _stream(feed, base_iri) + triples(f"{feed}#stream", {"tree:view": feed, "dct:title": titles})
    found += triples(feed, {"a": "tree:Node", "ldes:retentionPolicy": f"{feed}#kept" if reached.since else ()})
    for number in range(reached.first, reached.last + 1):
        relation: Said = {
            "a": "tree:GreaterThanOrEqualToRelation",
            "tree:node": f"{feed}/{number}",
            "tree:path": "dct:created",
            "tree:value": typed(reached.pages[number - 1].time, "dateTime"),
        }
        found += triples(feed, {"tree:relation": f"{feed}#page-{number}"}) + triples(f"{feed}#page-{number}", relation)
    if reached.since:
        policy: Said = {"a": "ldes:RetentionPolicy", "ldes:startingFrom": typed(reached.since, "dateTime")}
        found += triples(f"{feed}#kept", policy)
    return found


def _stream(feed: str, base_iri: str) -> list[Triple]:
    return triples(
        f"{feed}#stream",
        {
            "a": "ldes:EventStream",
            "ldes:timestampPath": "dct:created",
            "ldes:sequencePath": f"{base_iri}def#version",
            "ldes:versionOfPath": "dct:isVersionOf",
            "ldes:versionCreateObject": "as:Create",
            "ldes:versionUpdateObject": "as:Update",
            "ldes:versionDeleteObject": "as:Delete",
            "ldes:transactionPath": f"{base_iri}def#version",
            "ldes:transactionFinalizedPath": f"{base_iri}def#endsChange",
            "ldes:transactionFinalizedObject": typed("true", "boolean"),
            "ldes:pollingInterval": typed(_POLLING, "integer"),
        },
    )
