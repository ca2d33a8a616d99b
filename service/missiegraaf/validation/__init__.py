"""Graph and shapes to report: SHACL. The only room that touches pySHACL."""

import logging

from missiegraaf.validation.report import Report, Result
from missiegraaf.validation.validator import Validator, shapes, to_graph, validate

__all__ = ["Report", "Result", "Validator", "shapes", "to_graph", "validate"]

# A literal that is no value of its datatype is a finding; rdflib would tell a traceback of each.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)
