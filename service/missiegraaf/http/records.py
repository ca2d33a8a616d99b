"""`/v1/records/<kind>/<slug>`: a record as its editors read and write it, and its history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, jsonify, request
from pyoxigraph import RdfFormat, Triple

from missiegraaf.describe import construct
from missiegraaf.errors import NotFound, PreconditionRequired
from missiegraaf.formats import media
from missiegraaf.formats.writing import to_bytes
from missiegraaf.history import history
from missiegraaf.http import body, respond
from missiegraaf.log import Entry

blueprint = Blueprint("records", __name__)

_PATH = "/v1/records/<kind>/<slug>"


@blueprint.get(_PATH)
def get(kind: str, slug: str) -> Response:
    """Return exactly the record's own graph. Raises NotFound (404), Gone (410), NotAcceptable (406)."""
    offer, version = respond.negotiate(media.GRAPHS), respond.service().version
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{_graph(kind, slug)}> {{ ?s ?p ?o }} }}"
    triples = construct(respond.service().readers, query, version)
    if not triples:
        raise respond.absent(kind, slug)
    return respond.graph(triples, offer, version)


@blueprint.put(_PATH)
def put(kind: str, slug: str) -> Response:
    """Put the body in the place of the record: 201 where there was none, 200 with what it is now, 204 unchanged.

    `<>` in the body is the record, and blank nodes become parts of it. Raises PreconditionRequired (428) for a record
    that is there without If-Match, PreconditionFailed (412) where it is no longer what If-Match names, NotConforming
    (400) with the report, Forbidden (403) for what is no part of this record.
    """
    records, graph = respond.records("editor"), _graph(kind, slug)
    triples = body.triples(respond.thing(kind, slug))
    with respond.turn():
        before = _triples(records.there(graph))
        respond.check(bool(before), lambda: _tags(before))
        if before and "If-Match" not in request.headers:
            raise PreconditionRequired("the record is there; expected If-Match with the ETag of what you have read")
        version = records.replace(graph, triples)
        after = _triples(records.there(graph))
    if after == before:
        return respond.done(204, version)
    response = respond.done(200 if before else 201, version)
    offer = media.choose(request.headers.get("Accept"), media.GRAPHS) or media.TURTLE
    response.data, response.content_type = respond.written(after, offer), offer.content_type
    response.headers["Content-Location"] = request.path
    if not before:
        response.headers["Location"] = request.path
    return response


@blueprint.delete(_PATH)
def delete(kind: str, slug: str) -> Response:
    """Remove the record: 204. `?isReplacedBy=<IRI>` names what replaces it.

    Raises NotFound (404), Gone (410), Referenced (409) with the list while others point to it, PreconditionFailed
    (412), BadRequest (400) for a replacement that is not there.
    """
    records, graph = respond.records("editor"), _graph(kind, slug)
    with respond.turn():
        before = _triples(records.there(graph))
        if not before:
            raise respond.absent(kind, slug)
        respond.check(True, lambda: _tags(before))
        return respond.done(204, records.remove(graph, request.args.get("isReplacedBy", "")))


@blueprint.get(_PATH + "/history")
def changes(kind: str, slug: str) -> Response:
    """Return every Change of the record, the newest first: version, time, role, reason, what went and what came.

    Raises NotFound (404) for what never was a record.
    """
    service, iri = respond.service(), respond.thing(kind, slug)
    version = service.version
    found = history(service.readers, iri, service.settings.base_iri, version)
    if not found and not construct(service.readers, f"CONSTRUCT WHERE {{ <{iri}> ?p ?o }}", version):
        raise NotFound(f"nothing is known as {iri}")
    response: Response = jsonify({"record": iri, "changes": [_member(entry) for entry in found]})
    response.headers["Missiegraaf-Version"] = str(version)
    return response


@blueprint.post(_PATH + "/history/<int:number>/undo")
def undo(kind: str, slug: str, number: int) -> Response:
    """Take back what one Change did to the record, as a new Change: 204.

    Raises NotFound (404) for a version that did not change it, ChangedSince (409) where it has changed since in what
    that Change did, and what `put` does.
    """
    return respond.done(204, respond.records("editor").undo(_graph(kind, slug), number))


def _graph(kind: str, slug: str) -> str:
    return respond.record_graph(respond.thing(kind, slug))


def _triples(quads: Any) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in quads)


def _tags(triples: frozenset[Triple]) -> Iterator[str]:
    return (respond.tag(respond.written(triples, offer)) for offer in media.GRAPHS)


def _member(entry: Entry) -> dict[str, Any]:
    found = {"version": entry.version, "time": entry.time, "role": entry.role, "reason": entry.reason}
    return found | {"removed": _lines(entry.removed), "added": _lines(entry.added)}


def _lines(triples: frozenset[Triple]) -> list[str]:
    return sorted(line.decode() for line in to_bytes(triples, RdfFormat.N_TRIPLES).splitlines())
