"""Graph and shapes to report: SHACL. The only room that touches pySHACL."""

from missiegraaf.validation.report import Report, Result
from missiegraaf.validation.validator import Validator, shapes, to_graph, validate

__all__ = ["Report", "Result", "Validator", "shapes", "to_graph", "validate"]
