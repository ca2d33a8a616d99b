"""Loading: all of it or nothing, and a clear word about what is wrong."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from missiegraaf import files, log, stores, transaction
from missiegraaf.config import Settings
from missiegraaf.engine import embedded
from missiegraaf.errors import StoreError, UnreadableFile
from missiegraaf.namespaces import BASE

HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in files.prefixes().items())
SMALL = [files.folder("data") / name for name in ("datasets.ttl",)]


def missiegraaf(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "missiegraaf", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def written(folder: Path, turtle: str) -> Path:
    path = folder / "records.ttl"
    path.write_text(HEAD + turtle, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "store"
    assert missiegraaf("load", "--trusted", "--store", folder, *SMALL).returncode == 0
    return folder


@pytest.fixture
def filled(small: Path, tmp_path: Path) -> Path:
    """A store with a file of records, to do with as one likes."""
    return Path(shutil.copytree(small, tmp_path / "store", symlinks=True))


def test_a_broken_file_is_named_with_line_and_reason_and_nothing_is_loaded(tmp_path: Path) -> None:
    broken = written(tmp_path, "theme:x a mg:Theme ;\n  skos:prefLabel [ .\n")
    line = HEAD.count("\n") + 2
    done = missiegraaf("load", "--store", tmp_path / "store", broken)
    assert done.returncode == 2
    assert f"{broken}:{line}:" in done.stderr
    assert not embedded.is_filled(tmp_path / "store")


def test_a_record_that_breaks_a_shape_is_reported_and_nothing_is_loaded(tmp_path: Path) -> None:
    done = missiegraaf("load", "--store", tmp_path / "store", written(tmp_path, "theme:x a mg:Theme .\n"))
    assert done.returncode == 1
    assert "theme/x" in done.stdout
    assert "shapes#" in done.stdout
    assert not embedded.is_filled(tmp_path / "store")


def test_a_contradiction_is_reported_and_nothing_is_loaded(tmp_path: Path) -> None:
    done = missiegraaf("load", "--store", tmp_path / "store", written(tmp_path, "mission:x a mg:Mission, mg:MMIP .\n"))
    assert done.returncode == 1
    assert "cax-dw" in done.stderr
    assert not embedded.is_filled(tmp_path / "store")


@pytest.mark.parametrize(
    ("turtle", "reason"),
    [
        ("theme:x mg:claim [ a mg:Claim ] .", "blank node"),
        ("<http://example.org/x> a mg:Theme .", "is no record"),
        ("mg:Theme a rdfs:Resource .", "is no record"),
    ],
)
def test_what_is_no_record_is_refused(tmp_path: Path, turtle: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        transaction.records(written(tmp_path, turtle))


def test_a_file_that_is_missing_or_of_no_known_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"nothing\.ttl"):
        transaction.records(tmp_path / "nothing.ttl")
    (tmp_path / "records.xyz").write_text("", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="unknown suffix"):
        transaction.records(tmp_path / "records.xyz")


def test_entities_in_rdf_xml_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.rdf"
    path.write_text(
        '<!DOCTYPE r [<!ENTITY a "aaaa">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    )
    with pytest.raises(UnreadableFile, match="entity"):
        transaction.records(path)


def test_a_filled_store_is_only_replaced_when_asked(filled: Path, tmp_path: Path) -> None:
    before = embedded.about(filled)["sha256"]
    refused = missiegraaf("load", "--trusted", "--store", filled, *SMALL)
    assert (refused.returncode, embedded.about(filled)["sha256"]) == (2, before)
    assert "--replace" in refused.stderr
    more = written(tmp_path, 'place:x a mg:Place ; skos:prefLabel "x"@nl .')
    assert missiegraaf("load", "--trusted", "--replace", "--store", filled, *SMALL, more).returncode == 0
    assert embedded.about(filled)["sha256"] != before
    assert len(list(filled.glob("graph-*"))) == 1


def test_a_replaced_graph_is_one_more_version_and_the_log_tells_it(tmp_path: Path) -> None:
    more = written(tmp_path, 'place:x a mg:Place ; skos:prefLabel "x"@nl .')
    for number, given in enumerate((SMALL, [*SMALL, more], SMALL), 1):
        replaced = missiegraaf("load", "--trusted", "--replace", "--store", tmp_path / "store", *given)
        assert (replaced.returncode, embedded.about(tmp_path / "store")["version"]) == (0, number)
        dumped = missiegraaf("dump", "--store", tmp_path / "store").stdout
        assert ("/doc/place/x>" in dumped) == (number == 2)
        assert "/log#" not in dumped
    dataset = embedded.read(tmp_path / "store")
    assert log.newest_version(dataset, BASE) == 3
    added, removed = (
        {
            q.subject.value.rpartition("#")[2]: q.object.value
            for q in dataset.quads_for_pattern(None, NamedNode(BASE + "def#" + name), None, log.graph(BASE))
        }
        for name in ("addedTriples", "removedTriples")
    )
    assert (added["2"], removed["2"]) == (removed["3"], added["3"])
    assert added["2"].count("place/x>") == 2
    assert added["3"] == ""


def test_loading_the_same_files_twice_gives_the_same_dump(small: Path, tmp_path: Path) -> None:
    assert missiegraaf("load", "--trusted", "--store", tmp_path / "two", *SMALL).returncode == 0
    dumps = [missiegraaf("dump", "--store", store).stdout for store in (small, tmp_path / "two")]
    assert dumps[0] == dumps[1]
    assert dumps[0].splitlines() == sorted(dumps[0].splitlines())


def test_a_store_of_another_layout_says_so(filled: Path) -> None:
    about = filled / "current" / "about.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"layout": 0}))
    with pytest.raises(StoreError, match="layout 0"):
        embedded.quads_path(filled)


@pytest.mark.parametrize("content", ["[]", "{", "{}"])
def test_a_store_that_cannot_be_read_says_so(filled: Path, content: str) -> None:
    (filled / "current" / "about.json").write_text(content)
    done = missiegraaf("dump", "--store", filled)
    assert done.returncode == 2
    assert "cannot be read" in done.stderr


def test_serve_takes_no_changed_file_in_unasked(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings()
    stores._compare({"own": True, "sha256": "another"}, settings)
    stores._compare({"own": False, "sha256": "another"}, settings)
    assert capsys.readouterr().err.count("load --replace") == 1


@pytest.mark.parametrize("command", [["load"], ["dump"], ["export", "there"], ["query", "communities/by-form"]])
def test_what_works_on_a_folder_says_so_where_an_engine_holds_the_graph(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISSIEGRAAF_ENGINE", "http://ann:secret@nowhere.example/query")
    done = missiegraaf(*command, "--store", tmp_path / "store")
    assert done.returncode == 2
    assert "engine" in done.stderr
    assert "secret" not in done.stderr
    assert not (tmp_path / "store").exists()


def test_the_export_of_an_unchanged_store_is_the_files_it_came_from(tmp_path: Path) -> None:
    with embedded.lock(tmp_path / "store"):
        transaction.load(tmp_path / "store", transaction.read(), trusted=True)
    assert missiegraaf("export", tmp_path / "out", "--store", tmp_path / "store").returncode == 0
    paths = list((tmp_path / "out").rglob("*.ttl"))
    assert len(paths) == len(files.turtle_files("data")) + len(
        list((files.folder("ontology") / "schemes").glob("*.ttl"))
    )
    for path in paths:
        own = "ontology" if path.parent.name == "schemes" else "data"
        assert path.read_text() == (files.folder(own) / path.relative_to(tmp_path / "out")).read_text(), path.name


def test_what_was_published_of_a_former_history_goes_with_it(filled: Path) -> None:
    """Its versions begin anew, and are not those of the files that are there."""
    published = filled / "published"
    (published / "5").mkdir(parents=True)
    with embedded.lock(filled):
        transaction.load(filled, transaction.read(SMALL), trusted=True)
        assert (published / "5").is_dir()
        (filled / "current" / "about.json").write_text("{", encoding="utf-8")
        transaction.load(filled, transaction.read(SMALL), trusted=True)
    assert embedded.about(filled)["version"] == 1
    assert not published.exists()
