"""What can go wrong, as one small tree. Each error knows its HTTP status and how to say what was expected."""

from __future__ import annotations

from typing import Any, ClassVar


class MissiegraafError(Exception):
    """The root: `detail` says what was wrong with this input; `extra` holds members for the problem document.

    `status` and `title` are those of RFC 9457; `exit_code` is what the command line returns.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    exit_code: ClassVar[int] = 2

    def __init__(self, detail: str, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}
        self.extra = extra

    @classmethod
    def kind(cls) -> str:
        """The last part of the problem type: the class name in kebab case."""
        name = cls.__name__
        return "".join(f"-{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


class BadRequest(MissiegraafError):
    """A parameter is missing, doubled or unreadable."""

    status, title = 400, "Bad request"


class QuerySyntaxError(BadRequest):
    """The query is not SPARQL 1.1; `line` and `column`, counted from 1, where the parser gives them."""

    title = "The query cannot be read"


class QueryFailed(MissiegraafError):
    """The query or update can be read and not be carried out, as when it calls a function that does not exist.

    500, as the SPARQL 1.1 Protocol has it (2.1.6): 400 is for a text that is not SPARQL.
    """

    title = "It cannot be carried out"


class QueryTooDeep(BadRequest):
    """The query nests or chains so much that evaluating it would end its process."""

    title = "The query is nested too deep"


class ServiceRefused(BadRequest):
    """The query calls another endpoint, which this service does not do, or not for this endpoint."""

    title = "SERVICE is refused"


class Forbidden(MissiegraafError):
    """This may not be written here, or not by you."""

    status, title = 403, "Not allowed"


class NotFound(MissiegraafError):
    """Nothing is known under this IRI or path."""

    status, title = 404, "Not found"


class Gone(MissiegraafError):
    """The record was removed; its history stays. `isReplacedBy` names what replaces it, if anything does.

    `triples` say so to who reads RDF.
    """

    status, title = 410, "It was removed"
    triples: tuple[Any, ...] = ()


class VersionGone(NotFound):
    """This version of the graph is not kept, or there is none yet."""

    title = "No such version"


class Unauthorized(MissiegraafError):
    """Writing here needs a token that this request does not have."""

    status, title = 401, "A token is needed"


class PreconditionFailed(MissiegraafError):
    """What would be written over is not what the request says it is."""

    status, title = 412, "It has changed"


class PreconditionRequired(MissiegraafError):
    """A record is only replaced by who says, with If-Match, which state of it they have seen (RFC 6585, 3)."""

    status, title = 428, "If-Match is needed"


class ChangedSince(MissiegraafError):
    """What a Change did is no longer there as it left it, so it cannot be undone by itself."""

    status, title = 409, "It has changed since"


class Referenced(MissiegraafError):
    """Others point to what would go; `references` lists them."""

    status, title = 409, "Others point to this"


class NotAcceptable(MissiegraafError):
    """None of the formats on offer is acceptable; `offered` lists them."""

    status, title = 406, "No acceptable format"


class UnsupportedMediaType(MissiegraafError):
    """The body has a type that this path does not read; `expected` lists those it does."""

    status, title = 415, "Unsupported media type"


class BodyTooLarge(MissiegraafError):
    """The body of the request is larger than this service reads. Nothing was done with it."""

    status, title = 413, "The body is too large"


class LengthRequired(MissiegraafError):
    """The request sends its body in parts (chunked), which does not tell here whether all of it came."""

    status, title = 411, "Content-Length is needed"


class CheckEnded(MissiegraafError):
    """A check of records, or what makes a page of them, reached its limit of time or memory and was ended."""

    status, title = 503, "It took too much"


class QueryTimeout(MissiegraafError):
    """The query reached its time limit and was ended. Nothing of its result is sent."""

    status, title = 503, "The query took too long"


class ResultTooLarge(MissiegraafError):
    """The result is larger than the limit of the service. Nothing of it is sent."""

    status, title = 503, "The result is too large"


class Busy(MissiegraafError):
    """More queries wait than the service can answer soon."""

    status, title = 503, "The service is busy"


class NotPublished(MissiegraafError):
    """No version of the graph is published yet: the first one is being written."""

    status, title = 503, "Not published yet"


class ReaderDied(MissiegraafError):
    """The process that ran the query ended: out of memory, or too deep a nesting."""

    status, title = 500, "The query ended its reader"


class EngineUnreachable(MissiegraafError):
    """The server that holds the graph does not answer, or says that it cannot now."""

    status, title = 503, "The engine does not answer"


class EngineFailed(MissiegraafError):
    """The server that holds the graph gives an answer that cannot be used. Nothing of it is sent."""

    status, title = 502, "The engine fails"


class Overtaken(MissiegraafError):
    """Another service wrote to the same engine meanwhile; nothing was written, or read, for this request."""

    status, title = 503, "Another write came first"


class UnreadableFile(MissiegraafError):
    """A file is missing or is not RDF in the format its name promises; `file`, `line` and `column` say where."""

    status, title = 400, "Unreadable file"


class UnreadableSheet(UnreadableFile):
    """A spreadsheet cannot be read, or is not one that is taken here; `dutch` says so too, and `cell` may say where."""

    title = "Unreadable sheet"

    def __init__(self, detail: str, dutch: str = "", **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.dutch = dutch or detail


class UnreadableCell(MissiegraafError):
    """A cell of a sheet holds what its column does not take; `dutch` says so too, `near` are things it may mean."""

    status, title = 400, "Unreadable cell"

    def __init__(self, detail: str, dutch: str = "", near: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.dutch, self.near = dutch or detail, near


class NotImported(MissiegraafError):
    """Some rows of a sheet are wrong, so none is imported; `records` tells of each, `results` what is wrong."""

    status, title, exit_code = 400, "The sheet is not imported", 1


class ConfigurationError(MissiegraafError):
    """A setting has a value that cannot be used."""

    title = "Configuration error"


class StoreError(MissiegraafError):
    """The store cannot be opened or is not one of ours."""

    title = "Store error"


class UnusableShapes(MissiegraafError):
    """A shape is not well-formed SHACL, or needs a part of it that is not there (SHACL, 3.3: a failure)."""

    title = "The shapes cannot be used"


class NotConforming(MissiegraafError):
    """The data break the shapes."""

    status, title, exit_code = 400, "The data do not conform to the shapes", 1

    def __init__(self, detail: str, report: Any) -> None:
        super().__init__(detail)
        self.report = report


class Inconsistent(MissiegraafError):
    """The data contradict the ontology."""

    status, title, exit_code = 400, "The data contradict the ontology", 1

    def __init__(self, detail: str, conflicts: Any) -> None:
        super().__init__(detail)
        self.conflicts = conflicts
