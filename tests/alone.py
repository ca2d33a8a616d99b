"""What pySHACL finds without help."""

from collections.abc import Iterable

import pyshacl
from pyoxigraph import Triple
from rdflib import Graph

from missiegraaf import validation
from missiegraaf.validation import Report
from missiegraaf.validation.report import of_graph
from missiegraaf.validation.reporter import PreparedQueries

Findings = set[tuple[str, str, str, str | None, str | None, str]]


def findings(report: Report) -> Findings:
    return {(r.focus_node, r.constraint, r.component, r.path, r.value, r.severity) for r in report.results}


def alone(data: Graph | Iterable[Triple], shapes: Graph) -> Findings:
    """What pySHACL finds without help."""
    _, graph, _ = pyshacl.validate(
        PreparedQueries() + (data if isinstance(data, Graph) else validation.to_graph(data)),
        shacl_graph=shapes,
        inference="none",
        advanced=False,
        allow_warnings=True,
        inplace=True,
    )
    return findings(of_graph(graph, shapes))
