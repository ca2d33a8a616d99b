"""Writes the JSON-LD context of the ontology's version anew, from the ontology and the prefix list.

Run it (`make context`) after a change of either. That of a version that was published must not change: caches keep it.
"""

from missiegraaf import contexts, files, vocabulary
from missiegraaf.namespaces import BASE


def main() -> None:
    triples = vocabulary.read("def", BASE)[1]
    version = vocabulary.vocabulary(triples, f"{BASE}def#", "en", {}).version
    path = files.folder("ontology") / "context" / f"{version}.jsonld"
    path.write_text(contexts.made(triples, files.prefixes(), f"{BASE}def#"), encoding="utf-8")


if __name__ == "__main__":
    main()
