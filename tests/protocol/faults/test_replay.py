"""The feed, replayed from nothing, is the graph at every version, after random writes and services that were killed."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from pyoxigraph import Quad, RdfFormat, parse

from missiegraaf import export
from missiegraaf.engine import embedded
from missiegraaf.namespaces import BASE

from ...conftest import LONG
from ...publishing import replay
from ..conftest import started
from .client import update
from .processes import eventually, processes

WRITES, KILLED_AFTER = 100, (33, 71)
PLACES = ("estonia", "denmark", "aalsmeer", "almere")
LABEL = "http://www.w3.org/2004/02/skos/core#hiddenLabel"
PREFIXES = """
PREFIX e: <https://w3id.org/missiegraaf/id/evidence-status/> PREFIX p: <https://w3id.org/missiegraaf/id/place/>
PREFIX passage: <https://w3id.org/missiegraaf/id/passage/>
"""


def writes(chance: random.Random) -> Iterator[str]:
    """Updates that each change something: labels, records that come, and those that go; of several records at once."""
    there: set[str] = set()
    for number in range(WRITES):
        some = chance.sample(PLACES, chance.randint(1, 3))
        labels = " ".join(f'p:{place} <{LABEL}> "{number} \\u00e9 <{replay.FEED}>" .' for place in some)
        kind = chance.choice(["label", "label", "new", "new", "gone", "unlabel"])
        if kind == "new":
            there.add(f"narnia-{number}")
            labels += f"""p:narnia-{number} a mg:Place ; skos:prefLabel "Narnia {number}"@nl, "Narnia {number}"@en ;
                mg:evidence passage:seed-003-11-11 ; mg:evidenceStatus e:documented ."""
        if kind == "gone" and there:
            gone = chance.choice(sorted(there))
            there.remove(gone)
            yield f"{PREFIXES} DELETE {{ p:{gone} ?p ?o }} WHERE {{ p:{gone} ?p ?o }} ; INSERT DATA {{ {labels} }}"
        elif kind == "unlabel":
            removed = f"DELETE {{ ?place <{LABEL}> ?l }} WHERE {{ ?place <{LABEL}> ?l }}"
            yield f"{PREFIXES} {removed} ; INSERT DATA {{ {labels} }}"
        else:
            yield f"{PREFIXES} INSERT DATA {{ {labels} }}"


def asserted(store: Path) -> str:
    lines, _ = export.lines(embedded.read(store), BASE)
    return sha256(b"".join(sorted(lines)))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pages(address: str) -> Iterator[list[Quad]]:
    """The pages of a feed, as its root leads to them."""
    for url in replay.nodes(read(address + "/feed")):
        yield read(url)


def read(url: str) -> list[Quad]:
    answer = urllib3.request("GET", url, headers={"Accept": "application/n-quads"}, retries=False)
    assert answer.status == 200, answer.data
    return list(parse(answer.data, RdfFormat.N_QUADS))


@pytest.mark.parametrize("quads", ["10000000", *(["0"] if LONG else [])])
def test_the_feed_replayed_is_the_dump_at_every_tenth_version(store: Path, admin: dict[str, str], quads: str) -> None:
    chance, expected, written = random.Random(7), {1: asserted(store)}, 0  # noqa: S311
    settings = {
        "MISSIEGRAAF_STORE": str(store),
        "MISSIEGRAAF_IN_MEMORY_QUADS": quads,
        "MISSIEGRAAF_PUBLISH": "true",
        "MISSIEGRAAF_PUBLISH_SECONDS": "0",
    }
    waiting = iter(list(writes(chance)))
    for stop in (*KILLED_AFTER, WRITES):
        with started(**settings) as (address, main):
            for text in waiting:
                answer = update(address, admin, text)
                assert answer.status == 204, answer.data
                written, version = written + 1, int(answer.headers["Missiegraaf-Version"])
                assert version == written + 1
                if version % 10 == 0:
                    expected[version] = asserted(store)
                if chance.random() < 0.3:  # a harvester looks now and then, so that pages grow by pieces
                    assert urllib3.request("GET", f"{address}/feed/1", retries=False).status == 200
                if written == stop:
                    break
            if stop == WRITES:
                expected[version] = asserted(store)
                replayed = dict(replay.replayed(pages(address)))
                assert sorted(replayed) == list(range(1, WRITES + 2))
                assert {version: sha256(replayed[version]) for version in expected} == expected
                assert len(expected) == WRITES // 10 + 2
                assert eventually(lambda: published(address) == (WRITES + 1, expected[WRITES + 1]), 60)
            else:
                main.kill()  # while it publishes, or just before
                assert main.wait() == -signal.SIGKILL
        assert eventually(lambda: not processes(store)), processes(store)


def published(address: str) -> tuple[int, str]:
    """The version of the newest dump, and the sha256 of its N-Quads."""
    url = f"{address}/dumps/missiegraaf-latest.nq.gz"
    answer = urllib3.request("GET", url, headers={"Accept-Encoding": "identity"})
    if answer.status != 200:
        return 0, json.dumps(answer.data.decode())
    (version,) = re.findall(r"\d+", answer.headers["Missiegraaf-Version"])
    return int(version), sha256(gzip.decompress(answer.data))
