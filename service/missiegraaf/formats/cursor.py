"""Tokens read one after another, and what Turtle and SPARQL say alike of a subject."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from missiegraaf.formats.terminals import Token

Beside = TypeVar("Beside")


class Cursor(ABC, Generic[Beside]):
    """Tokens without white space and comments, each with what is known beside it, and how far they have been read."""

    def __init__(self, read: Sequence[tuple[Token, Beside]]) -> None:
        self._read, self._at = read, 0

    def _peek(self, ahead: int = 0) -> Token:
        return self._read[self._at + ahead][0] if self._at + ahead < len(self._read) else Token("", "")

    def _take(self, *characters: str) -> bool:
        """Step over these characters, if they are next."""
        if any(self._peek(ahead) != ("other", text) for ahead, text in enumerate(characters)):
            return False
        self._at += len(characters)
        return True

    def _properties(self, subject: Any) -> None:
        """Read predicates and their objects (Turtle, rule 7; SPARQL 1.1, rules 77 and 83)."""
        while True:
            verb = self._verb()
            self._object(subject, verb)
            while self._take(","):
                self._object(subject, verb)
            if not self._take(";"):
                return
            while self._take(";"):
                pass
            if self._after_properties():
                return

    @abstractmethod
    def _verb(self) -> Any:
        """Read a predicate."""

    @abstractmethod
    def _object(self, subject: Any, verb: Any) -> None:
        """Read an object, and keep what is said."""

    @abstractmethod
    def _after_properties(self) -> bool:
        """Tell whether what comes next, after a semicolon, is no predicate."""
