"""`/history`: what became of a record, in plain words and as triples, and how to undo it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template
from pyoxigraph import RdfFormat
from werkzeug.wrappers import Response as BaseResponse

from missiegraaf import editing
from missiegraaf.formats.writing import to_bytes
from missiegraaf.history import history
from missiegraaf.http import desk, respond, session

blueprint = Blueprint("past", __name__)


@blueprint.get("/history/<kind>/<slug>")
def past(kind: str, slug: str) -> Response:
    """What became of a record, the newest Change first, in plain words and as triples. Raises NotFound (404)."""
    service, iri = respond.service(), respond.thing(kind, slug)
    entries = history(service.readers, iri, service.settings.base_iri)
    record = desk.shown(editing.opened, iri)
    if not entries and record is None:
        raise respond.absent(kind, slug)
    lines = [[to_bytes(sorted(t, key=str), RdfFormat.N_TRIPLES) for t in (e.removed, e.added)] for e in entries]
    told = desk.shown(editing.narrated, iri, lines)
    page = render_template(
        "history.html",
        entries=[
            (entry, said, *([line.decode() for line in part.splitlines()] for part in parts))
            for entry, said, parts in zip(entries, told, lines, strict=True)
        ],
        path=f"{kind}/{slug}",
        iri=iri,
        title=record.label if record else iri,
        there=record is not None,
        **desk.signed(),
    )
    return desk.page(page)


@blueprint.post("/history/<kind>/<slug>/<int:number>/undo")
def undo(kind: str, slug: str, number: int) -> BaseResponse:
    """Take back what one Change did to the record. Raises what `/v1/records/.../undo` does."""
    graph = respond.record_graph(respond.thing(kind, slug))
    session.records(f"undo of version {number}").undo(graph, number)
    return redirect(f"/history/{kind}/{slug}?lang={respond.language()}", 303)
