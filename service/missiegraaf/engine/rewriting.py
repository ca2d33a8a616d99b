"""A query in a form that the engine answers sooner, with the same answer (SPARQL 1.1, section 18.6).

pyoxigraph evaluates the patterns of a group in EXISTS one by one over the whole graph and joins them, for each solution
outside again. With one pattern in each EXISTS it looks up what the solution so far names:

    EXISTS { ?p :in ?c ; :role ?r ; :by ?o FILTER(?r != :x) }
    EXISTS { ?p :in ?c . FILTER EXISTS { ?p :role ?r . FILTER(?r != :x) } FILTER EXISTS { ?p :by ?o } }

Why both are the same. Let m be the solution outside. By 18.6 EXISTS { P } is true where substitute(P, m) has a
solution, and substitute replaces variables in nested EXISTS too. Where P is triple patterns T and filters F alone, that
is: some terms for the variables (and blank nodes, 18.3.1) of substitute(P, m) put all of T into the active graph and
make each of F true.

1. Choose t in T. The terms exist if and only if there are some for t's variables, m1, such that the rest has some under
   m + m1. That is t FILTER EXISTS { rest }; a solution of t binds all its variables, so substitution hands on m1
   whole. EXISTS does not count, so multiplicity is of no matter.
2. Parts of the rest that share no variable but those of the patterns around them are independent: each has its terms
   or not. What m binds is not known here, so nothing is taken to be bound by it; it only guides the order.
3. A filter depends on its variables alone; it stands where the last of them that occurs in T has its term. Two filters
   are their conjunction, which is true only if both are (17.2). An EXISTS in it is handed the same terms as before.
4. A blank node in a pattern is a variable that nothing else sees, as is the one between P and Q in P/Q (18.2.2.4).
5. P* and P? hold of each term and itself, but between two variables only for terms of the graph (18.4). So one end
   must be a term, or a variable that another pattern binds to a node of the graph: then the solutions are the same
   whichever ends have been replaced.

A blank node of the data that substitution brings in stays that node, as in every engine.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from missiegraaf.engine import syntax
from missiegraaf.engine.syntax import Token

_MOST_PATTERNS: Final = 20
_NUMBER = re.compile(r"-?[0-9]*\.?[0-9]+")
# What a filter is evaluated for more than its value: chance, calls, scopes in which engines disagree.
_APART: Final = ("BOUND", "RAND", "UUID", "BNODE", "SERVICE", "SELECT", "LATERAL")


class _NotUnderstood(Exception):
    """The group holds something else than triple patterns and filters, or something that is not clear."""


@dataclass(frozen=True)
class _Pattern:
    text: str
    ends: frozenset[str]  # variables that are its subject and object
    variables: frozenset[str]
    nodes: frozenset[str]  # those of its ends that it binds to nodes of the graph
    any_term: bool  # both ends are variables, and it holds of each term and itself
    recursive: bool


@dataclass(frozen=True)
class _Filter:
    text: str
    variables: frozenset[str]


@dataclass
class _Block:
    """A pair of braces: the keyword before it, the block around it, the variables that it may bind."""

    keyword: str
    around: _Block | None
    variables: set[str] = field(default_factory=set)

    def known(self) -> set[str]:
        """The variables that may be bound where this block, a group of EXISTS, is evaluated."""
        found: set[str] = set()
        block = self.around
        while block:
            found |= block.variables
            block = block.around if block.keyword in ("EXISTS", "OPTIONAL") else None
        return found


def faster(query: str) -> str:
    """Return an equivalent query; the same text where nothing is gained, or where the tokens are not all understood.

    The query need not be SPARQL. One that is not may come back changed, and is not SPARQL then either: errors are to
    be taken from the original.
    """
    if "EXISTS" not in query.upper():
        return query
    read = list(syntax.tokens(query))
    blocks = _blocks(read)
    if blocks is None:
        return query
    labels = Counter(token.text for token in read if token.text.startswith("_:"))
    fresh = _fresh(read)
    written: list[Token] = []
    opened: list[tuple[int, _Block]] = []
    for token in read:
        if token.text == "{":
            opened.append((len(written) + 1, next(blocks)))
        elif token.text == "}":
            start, block = opened.pop()
            if block.keyword == "EXISTS" and (better := _better(written[start:], block.known(), labels, fresh)):
                written[start:] = syntax.tokens(better)
        written.append(token)
    text = "".join(token.text for token in written)
    return query if syntax.too_deep(text) else text


def _blocks(read: Sequence[Token]) -> Iterator[_Block] | None:
    """Return the blocks in the order in which they open; None where the braces or the tokens are not clear."""
    root = _Block("", None)
    found, stack, before = [], [root], Token("", "")
    for token in read:
        if token.kind == "skip":
            continue
        if token.kind == "open" or syntax.may_be_comparison(token, before):
            return None
        if token.kind == "variable":
            stack[-1].variables.add(token.text[1:])
        elif token.text == "{":
            stack.append(_Block(before.text.upper() if before.kind == "word" else "", stack[-1]))
            found.append(stack[-1])
        elif token.text == "}":
            if len(stack) == 1:
                return None
            block = stack.pop()
            if block.keyword not in ("EXISTS", "MINUS"):
                stack[-1].variables |= block.variables
        before = token
    return iter(found) if len(stack) == 1 else None


def _fresh(read: Iterable[Token]) -> Iterator[str]:
    """Yield names of variables that do not occur."""
    taken = {token.text[1:] for token in read if token.kind == "variable"}
    return (f"?{name}" for name in (f"_e{number}" for number in count()) if name not in taken)


def _better(group: Sequence[Token], known: Set[str], labels: Counter[str], fresh: Iterator[str]) -> str | None:
    """Return a better text for the inside of an EXISTS group, None where there is none."""
    try:
        reader = _Reader(group, fresh)
        reader.group()
    except _NotUnderstood:
        return None
    patterns, filters = reader.patterns, reader.filters
    nodes = frozenset().union(*(pattern.nodes for pattern in patterns))
    if (
        not 1 < len(patterns) <= _MOST_PATTERNS
        or any(pattern.any_term and not pattern.ends & nodes for pattern in patterns)
        or any(labels[label] != times for label, times in reader.labels.items())  # also elsewhere: an error, or data
    ):
        return None
    return f" {_joined(patterns, filters, frozenset(), known, outermost=True)} "


def _joined(
    patterns: Sequence[_Pattern], filters: Sequence[_Filter], bound: Set[str], known: Set[str], outermost: bool = False
) -> str:
    """Write patterns and filters, where `bound` has its terms from the patterns around."""
    free = frozenset().union(*(pattern.variables for pattern in patterns)) - bound
    texts = [f"FILTER {condition.text}" for condition in filters if not condition.variables & free]
    waiting = [condition for condition in filters if condition.variables & free]
    parts = _parts(patterns, waiting, free)
    for part in parts:
        first, *rest = sorted(part, key=lambda pattern: (_cost(pattern, known), patterns.index(pattern)))
        inside = frozenset().union(*(pattern.variables for pattern in part)) & free
        mine = [condition for condition in waiting if condition.variables & inside]
        text = f"{first.text} . {_joined(rest, mine, bound | first.variables, known | first.variables)}".rstrip()
        texts.append(text if outermost and len(parts) == 1 else f"FILTER EXISTS {{ {text} }}")
    return " ".join(texts)


def _parts(patterns: Sequence[_Pattern], filters: Sequence[_Filter], free: Set[str]) -> list[list[_Pattern]]:
    """Divide patterns into those that share free variables, directly, through others, or through a filter."""
    groups: list[tuple[set[str], list[_Pattern]]] = [(set(pattern.variables & free), [pattern]) for pattern in patterns]
    for link in [*(pattern.variables & free for pattern in patterns), *(item.variables & free for item in filters)]:
        touched = [group for group in groups if group[0] & link]
        if len(touched) > 1:
            groups = [group for group in groups if not group[0] & link]
            groups.append((set().union(*(names for names, _ in touched)), [p for _, part in touched for p in part]))
    return [part for _, part in groups]


def _cost(pattern: _Pattern, known: Set[str]) -> tuple[bool, bool, bool, int]:
    """What to ask first: what is wholly known, then what touches a known node, with few variables to find."""
    free = pattern.variables - known
    return bool(free), not pattern.ends & known, pattern.recursive, len(free)


class _Reader:
    """Reads a group of triple patterns and filters (grammar rules 52, 55, 68, 75-83, 88-109)."""

    def __init__(self, group: Sequence[Token], fresh: Iterator[str]) -> None:
        self.patterns: list[_Pattern] = []
        self.filters: list[_Filter] = []
        self.labels: Counter[str] = Counter()
        self._fresh = fresh
        self._named: dict[str, str] = {}
        self._ended: set[str] = set()  # labels before a filter: the engine refuses them after one that holds a group
        self._read: list[tuple[Token, str]] = []  # each token with the white space and comments before it
        space = ""
        for token in group:
            if token.kind == "skip":
                space += token.text
            else:
                self._read.append((token, space))
                space = ""
        self._at = 0

    def group(self) -> None:
        while self._at < len(self._read):
            if self._is_word("FILTER"):
                self._next()
                self._filter()
                self._ended.update(self._named)
                self._take(".")
            else:
                before = len(self.patterns)
                subject = self._node()
                if not (len(self.patterns) > before and self._at_end()):  # [ :p :o ] may stand alone
                    self._properties(subject)
                if not self._take(".") and not self._at_end():
                    raise _NotUnderstood

    def _at_end(self) -> bool:
        return self._peek().text in ("", ".") or self._is_word("FILTER")

    def _peek(self) -> Token:
        return self._read[self._at][0] if self._at < len(self._read) else Token("", "")

    def _is_word(self, *words: str) -> bool:
        return self._peek().kind == "word" and self._peek().text.upper() in words

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _take(self, character: str) -> bool:
        if self._peek() != ("other", character):
            return False
        self._at += 1
        return True

    def _glued(self) -> bool:
        return self._at < len(self._read) and not self._read[self._at][1]

    def _properties(self, subject: str) -> None:
        while True:
            path = self._path()
            while True:
                self._add(subject, path, self._node())
                if not self._take(","):
                    break
            if not self._take(";"):
                return
            while self._take(";"):
                pass
            if self._at_end() or self._peek().text == "]":
                return

    def _add(self, subject: str, path: list[str], obj: str) -> None:
        nodes = [subject, *(next(self._fresh) for _ in path[1:]), obj]
        for start, step, end in zip(nodes, path, nodes[1:], strict=False):
            ends = frozenset(node[1:] for node in (start, end) if node[0] in "?$")
            verb = {step[1:]} if step[0] in "?$" else set()
            operators = set() if verb else {token.text for token in syntax.tokens(step) if token.kind == "other"}
            zero = not operators.isdisjoint("*?")
            self.patterns.append(
                _Pattern(
                    f"{start} {step} {end}",
                    ends,
                    ends | verb,
                    nodes=frozenset() if zero else ends,
                    any_term=zero and start[0] in "?$" and end[0] in "?$",
                    recursive=not operators.isdisjoint("*+"),
                )
            )

    def _node(self) -> str:
        token = self._next()
        kind, text = token
        if kind == "name" and text.startswith("_:"):
            if text in self._ended:
                raise _NotUnderstood
            self.labels[text] += 1
            if text not in self._named:
                self._named[text] = next(self._fresh)
            return self._named[text]
        if kind in ("variable", "iri", "name") or text in ("true", "false"):
            return text
        if kind == "word" and _NUMBER.fullmatch(text):
            return text
        if kind == "string":
            return text + self._tag()
        if text == "[":
            node = next(self._fresh)
            if not self._take("]"):
                self._properties(node)
                if not self._take("]"):
                    raise _NotUnderstood
            return node
        raise _NotUnderstood

    def _tag(self) -> str:
        """The language or datatype of a literal."""
        if self._peek().kind == "language" and self._glued():
            return self._next().text
        if self._peek().text != "^":
            return ""
        parts = []
        for _ in range(3):
            if not self._glued():
                raise _NotUnderstood
            parts.append(self._next())
        if parts[1].text != "^" or parts[2].kind not in ("iri", "name"):
            raise _NotUnderstood
        return "".join(part.text for part in parts)

    def _path(self) -> list[str]:  # noqa: C901  # one character after another: shorter than a function a rule
        """Read a verb; return its steps: those of a sequence, else one."""
        if self._peek().kind == "variable":
            return [self._next().text]
        steps, depth, expected, whole = [""], 0, True, False
        while True:
            kind, text = self._peek()
            if expected and kind == "other" and text in "^!(":
                depth += text == "("
            elif expected:
                if (kind not in ("iri", "name") and (kind, text) != ("word", "a")) or text.startswith("_:"):
                    raise _NotUnderstood
                expected = False
            elif kind == "other" and text in "/|":
                expected = True
                whole |= text == "|" and not depth
            elif text == ")" and depth:
                depth -= 1
            elif kind != "other" or text not in "*+?":
                break
            elif self._at + 1 < len(self._read) and self._read[self._at + 1][0].kind == "word":
                raise _NotUnderstood  # `+5` after a path
            if (kind, text, depth) == ("other", "/", 0):
                steps.append("")
            else:
                steps[-1] += text
            self._at += 1
        if depth:
            raise _NotUnderstood
        return ["/".join(steps)] if whole else steps

    def _filter(self) -> None:
        start = self._at
        if self._is_word("NOT"):
            self._next()
        if self._is_word("EXISTS"):
            self._next()
            opening = "{"
        else:
            opening = "("
            if self._at == start and self._peek().kind in ("word", "iri", "name"):
                self._next()
        if self._peek() != ("other", opening):
            raise _NotUnderstood
        depth = 0
        while True:
            kind, text = self._next()
            if not kind:
                raise _NotUnderstood
            depth += (kind == "other") * ((text in "({[") - (text in ")}]"))
            if not depth:
                break
        inside = self._read[start : self._at]
        if any(t.kind == "word" and any(word in t.text.upper() for word in _APART) for t, _ in inside):
            raise _NotUnderstood
        self.filters.append(
            _Filter(
                "".join(space + t.text for t, space in inside).lstrip(),
                frozenset(t.text[1:] for t, _ in inside if t.kind == "variable"),
            )
        )
