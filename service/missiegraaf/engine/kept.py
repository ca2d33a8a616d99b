"""What a function makes of the graph by its queries, as a complete result that is kept to be sent again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from hashlib import sha256
from typing import Any

from missiegraaf.engine.cache import Answer, Result
from missiegraaf.engine.pool import Readers
from missiegraaf.formats.media import Offer


def kept(readers: Readers, offer: Offer, work: Callable[..., Any], *arguments: Hashable) -> Result | None:
    """Return what `Readers.asking` gives of the newest version, kept by that version, the function and its arguments.

    The function gets the offer before its arguments; it gives the bytes and what else is known of them, or None for
    nothing. Raises what `Readers.run` does.
    """
    key = (work.__qualname__, offer, *arguments)
    version = readers.version()
    answer = readers.cache.get((version, *key))
    if answer is None:
        version, found = readers.asking(work, offer, *arguments)
        if found is None:
            return None
        content, about = found
        answer = Answer("graph", offer, len(content), sha256(content).hexdigest(), content, "", about)
        readers.cache.add((version, *key), answer)
    return answer.opened(version)
