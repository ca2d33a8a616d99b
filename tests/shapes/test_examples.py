"""Each example breaks exactly the constraint in its file name; each constraint explains itself in two languages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import RDF, SH

from missiegraaf import files, validation

from ..alone import alone, findings
from ..conftest import LONG

HERE = Path(__file__).parent
MG = Namespace("https://w3id.org/missiegraaf/def#")
MGS = "https://w3id.org/missiegraaf/shapes#"
FIX = URIRef(MGS + "fix")
EXAMPLES = sorted(HERE.glob("*/*.ttl"))
EXPLAINING = {RDF.type, SH.path, SH.name, SH.description, SH.message, SH.severity, FIX}
TARGETS = (SH.targetClass, SH.targetSubjectsOf)


@cache
def shapes() -> Graph:
    return validation.shapes()


@cache
def ontology() -> Graph:
    return Graph().parse(files.folder("ontology") / "missiegraaf.ttl")


@cache
def schemes() -> Graph:
    graph = Graph()
    for path in sorted((files.folder("ontology") / "schemes").glob("*.ttl")):
        graph.parse(path)
    return graph


@cache
def validator() -> validation.Validator:
    return validation.Validator(shapes())


def neighbourhood(example: Path) -> Graph:
    """The example with what it leans on: common records, ontology, and of the schemes what it refers to.

    Of a value, that is what makes it one; not its printed names, which are statements with evidence of their own.
    """
    graph = ontology() + Graph().parse(HERE / "common.ttl") + Graph().parse(example)
    for concept in set(graph.objects()):
        for triple in schemes().triples((concept, None, None)):
            if triple[1] not in (MG.naming, MG.evidence):
                graph.add(triple)
                graph += schemes().triples((triple[2], None, None))
    return graph


def broken(example: Path) -> set[str]:
    report = validation.validate(neighbourhood(example), validator())
    return {result.constraint.removeprefix(MGS) for result in report.results}


def constraints() -> list[URIRef]:
    linked = {*shapes().objects(None, SH.property), *shapes().objects(None, SH.sparql)}
    return sorted(node for node in linked if isinstance(node, URIRef))


def directories() -> set[str]:
    """The directory of each shape with a target: the name of its class; parts of records stand with the statements."""
    targeted = {str(shape) for target in TARGETS for shape in shapes().subjects(target)}
    names = {re.sub("(?<=[a-z])(?=[A-Z])", "-", iri.removeprefix(MGS)).lower() for iri in targeted}
    return names - {"fragment"}


def test_no_example_was_overlooked() -> None:
    assert len(EXAMPLES) >= 486
    assert len(constraints()) >= 358
    assert {example.parent.name for example in EXAMPLES} == directories()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_example_breaks_only_the_constraint_in_its_name(example: Path) -> None:
    kind, _, name = example.stem.partition("-")
    assert broken(example) == ({name.partition("--")[0]} if kind == "invalid" else set())


def test_each_invalid_example_has_the_findings_that_pyshacl_alone_has() -> None:
    """Of all of them with `make oracles`, which takes minutes; else of each twentieth."""
    invalid = [example for example in EXAMPLES if example.stem.startswith("invalid-")]
    compared = 0
    for example in invalid if LONG else invalid[::20]:
        data = neighbourhood(example)
        assert findings(validation.validate(data, validator())) == alone(data, shapes()) != set(), example
        compared += 1
    assert compared >= (410 if LONG else 20)


@pytest.mark.parametrize("directory", sorted(directories()))
def test_class_has_one_valid_and_two_invalid_examples(directory: str) -> None:
    assert len(list((HERE / directory).glob("valid-*.ttl"))) >= 1
    assert len(list((HERE / directory).glob("invalid-*.ttl"))) >= 2


@pytest.mark.parametrize("constraint", constraints(), ids=lambda iri: iri.removeprefix(MGS))
def test_constraint_explains_itself_in_two_languages(constraint: URIRef) -> None:
    for predicate in (SH.name, SH.message, FIX):
        languages = [getattr(text, "language", None) for text in shapes().objects(constraint, predicate)]
        assert sorted(map(str, languages)) == ["en", "nl"], predicate


@pytest.mark.parametrize("constraint", constraints(), ids=lambda iri: iri.removeprefix(MGS))
def test_constraint_has_one_component(constraint: URIRef) -> None:
    parameters = set(shapes().predicates(constraint)) - EXPLAINING
    if (constraint, RDF.type, SH.SPARQLConstraint) in shapes():
        assert parameters == {SH.select, SH.prefixes}
    else:
        assert len(parameters - {SH.qualifiedMinCount}) == 1


@pytest.mark.parametrize("constraint", constraints(), ids=lambda iri: iri.removeprefix(MGS))
def test_constraint_has_an_invalid_example(constraint: URIRef) -> None:
    name = constraint.removeprefix(MGS)
    assert [path for path in EXAMPLES if path.stem.partition("--")[0] == f"invalid-{name}"]
