"""The dataset as search engines read it: schema.org/Dataset in JSON-LD, for a script element of a page."""

from __future__ import annotations

import json
from typing import Any

from missiegraaf.about import CC0, DESCRIPTION, FORMATS, KEYWORDS, Names
from missiegraaf.config import Settings
from missiegraaf.facts import Facts
from missiegraaf.namespaces import LANGUAGES


def structured(facts: Facts, settings: Settings, address: str, language: str) -> str:
    """Return the dataset and its files in a language, as JSON-LD that no text in it can end the element of."""
    names, index = Names(settings, address), LANGUAGES.index(language)
    publisher = {"@type": "Organization", "@id": names.publisher, "name": settings.publisher}
    described: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": names.dataset,
        "name": (settings.title_nl, settings.title_en)[index],
        "description": DESCRIPTION[index],
        "url": names.catalogue,
        "identifier": names.dataset,
        "version": str(facts.version),
        "dateModified": facts.time,
        "inLanguage": list(LANGUAGES),
        "isAccessibleForFree": True,
        "keywords": [pair[index] for pair in KEYWORDS],
        "license": CC0,
        "creator": publisher,
        "publisher": publisher,
        "spatialCoverage": ("Nederland", "Netherlands")[index],
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": names.catalogue, "url": names.catalogue},
        "distribution": [
            {
                "@type": "DataDownload",
                "name": file.name,
                "contentUrl": names.dump(file.name),
                "encodingFormat": FORMATS[file.suffix][1],
                "contentSize": f"{file.length} B",
                "sha256": file.sha256,
            }
            for file in facts.files
        ],
    }
    if facts.issued:
        described["datePublished"] = facts.issued
    if facts.first_day:
        described["temporalCoverage"] = f"{facts.first_day}/{facts.last_day}"
    return json.dumps(described, ensure_ascii=False, indent=1).replace("<", "\\u003c")
