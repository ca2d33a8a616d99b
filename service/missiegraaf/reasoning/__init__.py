"""From asserted to inferred, by the OWL 2 RL/RDF rules of `ontology/rules/`: from nothing, and following a Change."""

from missiegraaf.reasoning.clauses import Program, program
from missiegraaf.reasoning.from_nothing import Inference, infer
from missiegraaf.reasoning.incremental import Delta, follow
from missiegraaf.reasoning.rules import Conflict, Rule, rules

__all__ = ["Conflict", "Delta", "Inference", "Program", "Rule", "follow", "infer", "program", "rules"]
