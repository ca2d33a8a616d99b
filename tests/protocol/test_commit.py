"""A Change as it is carried out, whoever else writes."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad

from missiegraaf import commit
from missiegraaf.engine import embedded
from missiegraaf.engine.writer import Writer
from missiegraaf.log import Change
from missiegraaf.namespaces import BASE, RDF, RDFS, record_graph
from missiegraaf.validation import Report

from .writes import ID, SKOS_ALT


def test_the_rules_are_those_of_the_version_they_are_applied_to(own_store: Path) -> None:
    """Also where another service has changed the ontology since."""
    writer = Writer(embedded.quads_path(own_store), 1, in_memory=False, keep=1)
    one, other = (commit.Graph(writer, BASE) for _ in range(2))
    estonia, former, latter = (NamedNode(iri) for iri in (ID + "place/estonia", ID + "place/x1", ID + "place/x2"))

    def said(graph: commit.Graph, *triple: NamedNode) -> None:
        quad = Quad(*triple, NamedNode(record_graph(triple[0].value) or ""))
        change = Change(frozenset(), frozenset([quad]), "p", "admin", "a test", datetime(2026, 1, 1, tzinfo=UTC))
        commit.commit(graph, change)

    with closing(writer), pytest.MonkeyPatch.context() as patch:
        patch.setattr(commit.Graph, "validator", Passing())
        said(one, estonia, NamedNode(SKOS_ALT), estonia)
        said(other, former, NamedNode(RDFS + "subClassOf"), latter)
        said(one, estonia, NamedNode(RDF + "type"), former)
        assert Quad(estonia, NamedNode(RDF + "type"), latter) in writer.store


class Passing:
    """Finds nothing wrong."""

    def change(self, *_: object) -> Report:
        """Report so."""
        return Report(())
