"""The published versions, as files beside the store: written whole, then named in one step.

STORE/published/<version>/facts.json    what is known of the version
STORE/published/<version>/<name>        its dumps and its site map
STORE/published/feed/                   the change feed (see `feed.pages`)
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

from missiegraaf.config import Settings
from missiegraaf.errors import NotFound, NotPublished
from missiegraaf.facts import Facts

FACTS: Final = "facts.json"


class Published:
    """What was published of a store. Another process publishes, so what there is is looked up each time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.feed = folder, folder / "feed"
        self._read: dict[int, Facts] = {}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what was published of the store of these settings."""
        return cls(Path(settings.store).absolute() / "published")

    def versions(self) -> list[int]:
        """Return the versions that are kept, the oldest first."""
        return sorted(int(path.name) for path in self.folder.glob("*") if path.name.isdigit())

    def facts(self, version: int) -> Facts:
        """Return what is known of a version. Raises NotFound (404) where it is not kept."""
        kept = self.versions()
        read = {known: facts for known, facts in list(self._read.items()) if known in kept}
        try:
            if version not in read:
                read[version] = Facts.from_json((self.folder / str(version) / FACTS).read_text(encoding="utf-8"))
            self._read = read
            return read[version]
        except FileNotFoundError:
            listed = ", ".join(map(str, kept)) or "none"
            raise NotFound(f"no dump of version {version} is kept; there are: {listed}") from None

    def newest(self) -> Facts:
        """Return what is known of the newest version. Raises NotPublished (503) before there is one."""
        for version in reversed(self.versions()):
            try:
                return self.facts(version)
            except NotFound:  # it went between the two
                continue
        raise NotPublished("no version is published yet; ask again in a moment", headers={"Retry-After": "10"})

    def kept(self) -> list[Facts]:
        """Return what is known of every version that is kept, the newest first."""
        found = []
        for version in reversed(self.versions()):
            try:
                found.append(self.facts(version))
            except NotFound:
                continue
        return found
