"""`/graphs`: the SPARQL 1.1 Graph Store HTTP Protocol, graphs named in the query string or by their own address."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from missiegraaf.engine.reader import Job, Offers
from missiegraaf.errors import BadRequest, NotFound
from missiegraaf.formats import media
from missiegraaf.formats.parsing import is_iri
from missiegraaf.http import body, respond, results

blueprint = Blueprint("graphs", __name__)

_PATHS = ("/graphs", "/graphs/<path:name>")


@blueprint.get(_PATHS[0])
@blueprint.get(_PATHS[1])
def get(name: str = "") -> Response:
    """Return a graph (clause 5.2). Raises NotFound (404), NotAcceptable (406)."""
    graph = _graph(name)
    offer = respond.negotiate(media.GRAPHS)
    version = respond.service().version
    if not _exists(graph, version):
        raise NotFound(f"there is no graph <{graph}>")
    return results.spooled(respond.service().readers.run(_whole(graph, offer, version)))


@blueprint.put(_PATHS[0])
@blueprint.put(_PATHS[1])
def put(name: str = "") -> Response:
    """Put the body in the place of a graph (clause 5.3): 201 where there was none, else 204."""
    writing, graph = respond.writing("admin"), _graph(name)
    triples = body.triples(request.url)
    with respond.turn():
        new = not _exists(graph, respond.service().version)
        respond.check(not new, lambda: _tags(graph))
        return respond.done(201 if new else 204, writing.replace(graph, triples))


@blueprint.post(_PATHS[0])
@blueprint.post(_PATHS[1])
def post(name: str = "") -> Response:
    """Add the body to a graph (clause 5.5); at the address of the store itself, as a new graph with its Location."""
    writing, triples = respond.writing("admin"), body.triples(request.url)
    with respond.turn():
        own = not name and not request.args
        graph = f"{request.base_url}/{uuid4()}" if own else _graph(name)
        new = not _exists(graph, respond.service().version)
        respond.check(not new, lambda: _tags(graph))
        before = respond.service().version
        version = writing.add(graph, triples)
        made = new and (version != before or respond.service().records is None)
        response = respond.done(201 if made else 204, version)
    if own:
        response.headers["Location"] = graph
    return response


@blueprint.delete(_PATHS[0])
@blueprint.delete(_PATHS[1])
def delete(name: str = "") -> Response:
    """Remove a graph (clause 5.4). Raises NotFound (404) where there is none."""
    writing, graph = respond.writing("admin"), _graph(name)
    with respond.turn():
        if not _exists(graph, respond.service().version):
            raise NotFound(f"there is no graph <{graph}>")
        respond.check(True, lambda: _tags(graph))
        return respond.done(204, writing.remove(graph))


def _graph(name: str) -> str:
    """The graph that the request names, '' for the default graph (clauses 4.1 and 4.2). Raises BadRequest (400)."""
    named = request.args.getlist("graph")
    default = "default" in request.args
    if name and not named and not default:
        named = [request.base_url]
    if len(named) + default != 1:
        raise BadRequest("expected either ?default, or one ?graph=<IRI>, or the graph's own address below /graphs/")
    if named and not is_iri(named[0]):
        raise BadRequest(f"graph is {named[0]!r}; expected an absolute IRI")
    return named[0] if named else ""


def _whole(graph: str, offer: media.Offer, version: int) -> Job:
    offers: Offers = {"graph": offer, "solutions": None, "boolean": None}
    pattern = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
    return Job(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}", offers, version=version, ordered=True)


def _tags(graph: str) -> Iterator[str]:
    for offer in media.GRAPHS:
        result = respond.service().readers.run(_whole(graph, offer, respond.service().version))
        result.content.close()
        yield respond.etag(result.sha256)


def _exists(graph: str, version: int) -> bool:
    if not graph:
        return True
    service = respond.service()
    if service.records and not service.settings.engine and service.writer.turn.is_mine:  # the newest is at hand
        return next(service.writer.store.quads_for_pattern(None, None, None, NamedNode(graph)), None) is not None
    offers: Offers = {"boolean": media.CSV, "solutions": None, "graph": None}
    content = "?s ?p ?o" if service.records else ""  # a graph of a plain dataset may be empty, a record not
    return b"true" in service.readers.read(Job(f"ASK {{ GRAPH <{graph}> {{ {content} }} }}", offers, version=version))
