"""The application: settings in, a Flask application out. It assembles and does nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask import Flask

from missiegraaf import commit, log, tokens
from missiegraaf.config import Settings
from missiegraaf.engine import embedded
from missiegraaf.engine.limits import Limits
from missiegraaf.engine.pool import Readers
from missiegraaf.engine.remote import Engine, RemoteReaders
from missiegraaf.engine.remote_writer import RemoteWriter
from missiegraaf.engine.writer import Writer
from missiegraaf.http import (
    body,
    direct,
    dumps,
    edit,
    feed,
    graphs,
    harvest,
    pages,
    past,
    problems,
    records,
    resources,
    respond,
    session,
    sheets,
    sparql,
    templating,
    trail,
    validation,
    vocabularies,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application over the store that the settings name; without settings, those of the environment.

    Raises StoreError where the store holds no graph, or one of another base IRI. The readers end with the process.
    """
    settings = settings or Settings.from_environment()
    service = _remote(settings) if settings.engine else _embedded(settings)

    app = Flask("missiegraaf.http")
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = settings.body_megabytes * 1024**2
    app.url_map.strict_slashes = False
    app.extensions["missiegraaf"] = service
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(templating.page_context)
    editors = (records, validation, sheets, edit, past, session)
    for surface in (sparql, graphs, *editors, resources, vocabularies, dumps, feed, harvest, pages):
        app.register_blueprint(surface.blueprint)
    if service.records:
        session.register(app, tokens.session_key(Path(settings.store)))
    body.register(app)
    problems.register(app)
    trail.register(app)
    app.wsgi_app = direct.Direct(app.wsgi_app, service)  # type: ignore[method-assign]  # as Flask advises
    return app


def _embedded(settings: Settings) -> respond.Service:
    store = Path(settings.store)
    quads, version = embedded.quads_path(store), embedded.about(store, settings.base_iri)["version"]
    if not settings.plain_dataset:
        version = max(version, log.newest_version(embedded.read(store), settings.base_iri))
    in_memory = embedded.size(store) <= settings.in_memory_quads
    writer = Writer(quads, version, in_memory and not settings.plain_dataset, settings.kept_versions)
    records = None if settings.plain_dataset else commit.Graph(writer, settings.base_iri)
    readers = Readers(replace(writer.source, records=settings.base_iri), Limits.of(settings), lambda: writer.version)
    return respond.Service(settings, readers, writer, records)


def _remote(settings: Settings) -> respond.Service:
    """The service over another server: of former versions none can be asked, and what has no version is not kept."""
    engine, plain = Engine(settings.engine, settings.engine_update, settings.base_iri), settings.plain_dataset
    if not plain:
        engine.about()  # raises where the server holds something else
    writer = RemoteWriter(engine, plain)
    records = None if plain else commit.Graph(writer, settings.base_iri)
    limits = Limits.of(replace(settings, cache_megabytes=0) if plain else settings)
    readers = RemoteReaders(engine, limits, lambda: writer.version, lambda: writer.store)
    return respond.Service(replace(settings, kept_versions=0), readers, writer, records)
