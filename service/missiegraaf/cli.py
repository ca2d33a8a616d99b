"""The command line: exit 0 is well, 1 is data that break a rule, 2 is input that cannot be used."""

from __future__ import annotations

import argparse
import ipaddress
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from missiegraaf import (
    __version__,
    export,
    files,
    findings,
    fix_command,
    generate,
    log,
    queries,
    reporting,
    serving,
    sheet_commands,
    stores,
    tables,
    token_commands,
    transaction,
)
from missiegraaf.config import Settings, variable
from missiegraaf.engine import embedded
from missiegraaf.errors import (
    BadRequest,
    ConfigurationError,
    Inconsistent,
    MissiegraafError,
    NotConforming,
    UnreadableFile,
)
from missiegraaf.formats import media, writing
from missiegraaf.namespaces import LANGUAGES, record_graph
from missiegraaf.reasoning import infer

_SYNTHETIC = {offer.suffix: offer.rdf for offer in (media.N_TRIPLES, media.TURTLE)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options, Settings.from_environment())
    except NotConforming as error:
        found = findings.of_report(error.report, {}, Settings.from_environment().base_iri)
        print(reporting.as_text(found, "en"), end="")
        print(f"nothing was loaded: {error.detail}", file=sys.stderr)
        return error.exit_code
    except MissiegraafError as error:
        print(f"missiegraaf: {error.detail}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"missiegraaf: {error}", file=sys.stderr)
        return MissiegraafError.exit_code
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="missiegraaf", description="Mission-driven innovation policy as linked data.")
    parser.add_argument("--version", action="version", version=f"missiegraaf {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")

    serve = commands.add_parser("serve", help="load what is missing, then serve")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--empty", action="store_true", help="begin an empty store with nothing in it")
    serve.add_argument("--plain-dataset", action="store_true", help="any RDF dataset instead of records")
    serve.add_argument("--allow-updates", action="store_true", help="let whoever reaches a plain dataset write it")
    serve.add_argument("--engine", metavar="URL", help="query endpoint of a SPARQL server that holds the graph instead")
    serve.set_defaults(run=_serve)

    load = commands.add_parser("load", help="files -> store")
    load.add_argument("files", nargs="*", type=Path, metavar="FILE", help="instead of the project's own data")
    load.add_argument("--replace", action="store_true", help="put the files in the place of what is there")
    load.add_argument("--trusted", action="store_true", help="skip the shapes")
    load.set_defaults(run=_load)

    validate = commands.add_parser("validate", help="files against the shapes")
    validate.add_argument("files", nargs="+", type=Path, metavar="FILE")
    validate.add_argument("--format", choices=sorted(reporting.WRITERS), default="text")
    validate.add_argument("--lang", choices=LANGUAGES, default="en")
    validate.add_argument("--class", dest="cls", metavar="CLASS", help="of the records of a sheet, if not its header")
    fix_command.add(validate)
    validate.set_defaults(run=_validate)

    query = commands.add_parser("query", help="a saved question or an own one")
    query.add_argument("query", metavar="NAME|FILE.rq")
    query.add_argument("values", nargs="*", metavar="name=value")
    query.add_argument("--endpoint", metavar="URL", help="ask this endpoint instead of the store")
    query.add_argument("--format", choices=sorted(tables.WRITERS), default="table")
    query.set_defaults(run=_query)

    inference = commands.add_parser("infer", help="what follows from the files, as N-Triples")
    inference.add_argument("files", nargs="*", type=Path, metavar="FILE")
    inference.set_defaults(run=_infer)

    dump_ = commands.add_parser("dump", help="the whole public graph, sorted")
    dump_.add_argument("--format", choices=sorted(export.FORMATS), default="nq")
    dump_.add_argument("--plain-dataset", action="store_true", help="of any RDF dataset, its default graph too")
    dump_.set_defaults(run=_dump)

    export_ = commands.add_parser("export", help="store -> data files in the canonical layout")
    export_.add_argument("folder", type=Path, metavar="DIR")
    export_.set_defaults(run=_export)

    history = commands.add_parser("history", help="the Changes of a record, the newest first")
    history.add_argument("record", metavar="IRI", help="in full, or with a prefix as in place:estonia")
    history.set_defaults(run=_history)

    synthetic = commands.add_parser("generate", help="a synthetic graph of the same shape, for scale")
    synthetic.add_argument("--communities", type=_positive, required=True, metavar="N")
    synthetic.add_argument("--seed", type=int, default=0, metavar="S")
    synthetic.add_argument("--format", choices=sorted(_SYNTHETIC), default="nt")
    synthetic.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    synthetic.set_defaults(run=_generate)

    template = sheet_commands.add(commands)

    for command in (serve, load, query, dump_, export_, history, template, *token_commands.add(commands)):
        command.add_argument("--store", metavar="DIR", help="folder of the store (default: store)")
    return parser


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    store = stores.folder(options, settings)
    with embedded.lock(store):
        os.environ[variable("store")] = str(store)
        for option in ("plain_dataset", "allow_updates", "engine"):
            if given := getattr(options, option):
                os.environ[variable(option)] = "true" if given is True else given
        settings = Settings.from_environment()
        if settings.allow_updates and not _is_loopback(options.host):
            raise ConfigurationError(
                f"--allow-updates at {options.host}: anybody could write; expected a loopback host"
            )
        if settings.engine:
            stores.prepare_engine(settings, options.empty)
        else:
            stores.prepare_store(store, settings, options.empty)
        stores.prepare_published(settings)
        serving.serve(options.host, options.port, settings)
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return all(ipaddress.ip_address(found[4][0]).is_loopback for found in socket.getaddrinfo(host, None))
    except OSError:
        return False


def _load(options: argparse.Namespace, settings: Settings) -> int:
    stores.expect_own(settings)
    store = stores.folder(options, settings)
    with embedded.lock(store):
        if embedded.is_filled(store) and not options.replace:
            raise UnreadableFile(f"{store} is filled already; give --replace to put the files in its place")
        stores.fill(store, transaction.read(options.files or None, settings.base_iri), settings, options.trusted)
    return 0


def _validate(options: argparse.Namespace, settings: Settings) -> int:
    if sheets := [path for path in options.files if sheet_commands.is_sheet(path)]:
        return sheet_commands.validate(options, sheets, settings)
    write = reporting.WRITERS[options.format]
    try:
        if options.diff:
            return fix_command.show(options.files, settings.base_iri)
        if options.fix:
            fix_command.fix(options.files, settings.base_iri)
        report = transaction.check_files(options.files, settings.base_iri)
    except UnreadableFile as error:
        sys.stdout.write(write(findings.of_unreadable(error, settings.base_iri), options.lang))
        raise
    texts = {str(path): path.read_text(encoding="utf-8-sig") for path in options.files}
    sys.stdout.write(write(findings.of_report(report, texts, settings.base_iri), options.lang))
    return 0 if report.conforms else NotConforming.exit_code


def _query(options: argparse.Namespace, settings: Settings) -> int:
    prefixes = files.prefixes(settings.base_iri)
    path = Path(options.query)
    saved = (
        queries.read(path, path.stem, settings.base_iri)
        if path.suffix == ".rq"
        else queries.find(options.query, settings.base_iri)
    )
    values = dict(value.partition("=")[::2] for value in options.values)
    text = saved.bind(values, prefixes)
    if options.endpoint:
        table = tables.ask_endpoint(options.endpoint, text, prefixes)
    else:
        stores.expect_own(settings)
        table = tables.ask_store(stores.folder(options, settings), text, prefixes, settings)
    sys.stdout.write(tables.WRITERS[options.format](table))
    return 0


def _infer(options: argparse.Namespace, settings: Settings) -> int:
    found = infer(transaction.read(options.files or None, settings.base_iri).triples)
    for triple in sorted(map(str, found.inferred)):
        print(f"{triple} .")
    if found.conflicts:
        raise Inconsistent("\n".join(map(str, found.conflicts)), found.conflicts)
    return 0


def _dump(options: argparse.Namespace, settings: Settings) -> int:
    sys.stdout.flush()
    dataset = stores.opened(options, settings)
    plain = options.plain_dataset or settings.plain_dataset
    sys.stdout.buffer.write(export.dump(dataset, options.format, settings.base_iri, plain))
    return 0


def _history(options: argparse.Namespace, settings: Settings) -> int:
    prefix, _, name = options.record.partition(":")
    iri = files.prefixes(settings.base_iri).get(prefix, prefix + ":") + name
    graph = record_graph(iri, settings.base_iri)
    if graph is None:
        raise BadRequest(f"{iri} is no record; expected {settings.base_iri}id/<kind>/<name>, or <kind>:<name>")
    dataset = stores.opened(options, settings)
    said: Any = dataset.query(log.about(NamedNode(graph), settings.base_iri))
    for entry in log.entries(said, iri, settings.base_iri):
        print(f"{entry.version}  {entry.time}  {entry.role}  {entry.reason}")
        for sign, triples in (("-", entry.removed), ("+", entry.added)):
            print("".join(f"   {sign} {line} .\n" for line in sorted(map(str, triples))), end="")
    return 0


def _export(options: argparse.Namespace, settings: Settings) -> int:
    for path, text in export.data_files(stores.opened(options, settings), settings.base_iri).items():
        target = options.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return 0


def _generate(options: argparse.Namespace, settings: Settings) -> int:
    real = transaction.read(base_iri=settings.base_iri).quads
    triples = generate.generate(real, options.communities, options.seed, settings.base_iri)
    prefixes = files.prefixes(settings.base_iri)
    with options.out.open("wb") if options.out else nullcontext(sys.stdout.buffer) as target:
        writing.write(triples, target, _SYNTHETIC[options.format], prefixes)
    return 0


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number
