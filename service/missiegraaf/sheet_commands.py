"""The commands about spreadsheets: a template, a check, an import."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import urllib3
from pyoxigraph import Quad

from missiegraaf import importing, reporting, stores, transaction
from missiegraaf.checking import Document
from missiegraaf.config import Settings
from missiegraaf.engine import embedded
from missiegraaf.errors import BadRequest, EngineUnreachable, NotConforming, NotImported, UnreadableFile
from missiegraaf.formats import media
from missiegraaf.namespaces import LANGUAGES
from missiegraaf.sheets.template import template

TOKEN: Final = "MISSIEGRAAF_TOKEN"  # noqa: S105  # the name of a variable
# Read as XLSX, and refused as what they are.
_ALSO: Final = ("xlsm", "xls", "ods")
_SUFFIXES: Final = {offer.suffix: offer for offer in media.SHEETS} | dict.fromkeys(_ALSO, media.XLSX)
_WORDS: Final = {
    "nl": {"new": "nieuw", "changed": "gewijzigd", "unchanged": "ongewijzigd", "wrong": "fout", "row": "rij"},
    "en": {"new": "new", "changed": "changed", "unchanged": "unchanged", "wrong": "wrong", "row": "row"},
}
_SECONDS: Final = 300


def add(commands: Any) -> argparse.ArgumentParser:
    """Add them to the commands, and return the one that takes a store."""
    made: argparse.ArgumentParser = commands.add_parser("template", help="a spreadsheet of a class, to fill in")
    made.add_argument("cls", metavar="CLASS", help="as learning-community")
    made.add_argument("--format", choices=[offer.suffix for offer in media.SHEETS], default=media.XLSX.suffix)
    made.add_argument("--lang", choices=LANGUAGES, default="nl")
    made.add_argument("--filled", action="store_true", help="with the records of the store")
    made.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    made.set_defaults(run=_template)

    taken = commands.add_parser("import", help="the records of a spreadsheet -> a service")
    taken.add_argument("file", type=Path, metavar="FILE")
    taken.add_argument("--url", required=True, help=f"of the service; the variable {TOKEN} has an editor's token")
    taken.add_argument("--class", dest="cls", metavar="CLASS", help="if the first header does not name it")
    taken.add_argument("--dry-run", action="store_true", help="tell what it would do, and do nothing")
    taken.add_argument("--only-right", action="store_true", help="leave out the rows that are wrong")
    taken.add_argument("--lang", choices=LANGUAGES, default="en")
    taken.set_defaults(run=_import)
    return made


def is_sheet(path: Path) -> bool:
    """Tell whether a file's suffix is that of a spreadsheet."""
    return path.suffix[1:].lower() in _SUFFIXES


def validate(options: argparse.Namespace, sheets: Sequence[Path], settings: Settings) -> int:
    """Check sheets in the midst of the project's records, and print what is wrong. Raises UnreadableFile."""
    if others := [str(path) for path in options.files if path not in sheets]:
        raise BadRequest(f"{others[0]} is no spreadsheet, others are; expected files of one of both kinds")
    dataset = _project(settings)
    found = [importing.examine(dataset, _document(path), settings.base_iri, options.cls) for path in sheets]
    if len(found) > 1 and options.format != "text":
        raise BadRequest(f"a report in {options.format} is about one spreadsheet; expected one file")
    for each in found:
        sys.stdout.write(reporting.WRITERS[options.format](each.findings, options.lang))
    return 0 if all(each.findings.conforms for each in found) else NotConforming.exit_code


def _project(settings: Settings) -> embedded.Dataset:
    quads = transaction.read(base_iri=settings.base_iri).quads
    return embedded.in_memory([*quads, *(Quad(*quad.triple) for quad in quads)])


def _document(path: Path) -> Document:
    if not is_sheet(path):
        raise UnreadableFile(f"{path}: unknown suffix; expected .csv or .xlsx", file=str(path))
    return Document(path.read_bytes(), _SUFFIXES[path.suffix[1:].lower()], str(path))


def _template(options: argparse.Namespace, settings: Settings) -> int:
    offer = media.by_suffix(options.format, media.SHEETS) or media.XLSX
    there = embedded.is_filled(stores.folder(options, settings)) or options.filled
    dataset = stores.opened(options, settings) if there else _project(settings)
    made = template(dataset, options.cls, offer, options.lang, settings.base_iri, options.filled)
    if options.out:
        options.out.write_bytes(made)
    else:
        sys.stdout.buffer.write(made)
    return 0


def _import(options: argparse.Namespace, settings: Settings) -> int:
    del settings  # those of the service count
    document = _document(options.file)
    if not (token := os.environ.get(TOKEN, "").strip()):
        raise BadRequest(f"the variable {TOKEN} is not set; expected an editor's token in it")
    asked = {"name": options.file.name, "dry-run": str(options.dry_run).lower()}
    asked |= {"class": options.cls} if options.cls else {}
    asked |= {"only": "right"} if options.only_right else {}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": document.offer.media_type}
    address = f"{options.url.rstrip('/')}/v1/import?{urlencode(asked)}"
    try:
        answer = urllib3.request(
            "POST", address, body=document.content, headers=headers, timeout=_SECONDS, retries=False
        )
        told = answer.json()
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise EngineUnreachable(f"{options.url} does not answer as the service does: {error}") from None
    if "records" not in told:
        raise BadRequest(f"{options.url} says {answer.status}: {told.get('detail', answer.reason)}")
    _print(told, options.lang)
    if told["conforms"] or (options.only_right and answer.status == 200):
        return 0
    return NotImported.exit_code


def _print(told: Mapping[str, Any], language: str) -> None:
    words = _WORDS[language]
    for row in told["records"]:
        properties = ", ".join(iri.rpartition("#")[2].rpartition("/")[2] for iri in row["properties"])
        print(words["row"], row["row"], words[row["outcome"]], row["record"] or "-", properties, sep="\t")
    for finding in told["results"]:
        severity = reporting.SEVERITIES[language][finding["severity"]]
        print(f"{finding['file']}:{finding.get('cell', '')}: {severity}: {finding['message'].get(language, '')}")
    print(", ".join(f"{count} {words[outcome]}" for outcome, count in told["counts"].items()))
