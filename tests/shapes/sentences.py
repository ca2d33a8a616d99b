"""Which constraint holds which sentence of the model, and which test what no shape can hold.

The sentences are those of the plan for the model: what the classes are, and its sixteen rules. "Test" names a test
that holds a sentence, as `file::function`, below `tests/`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    """What the model asks, with the constraints and tests that see to it. Rule 0 is the list of classes."""

    rule: int
    asks: str
    constraints: str = ""
    tests: str = ""


SENTENCES = (
    Sentence(0, "Every record and statement has a class of the ontology.", "Classed-type-known"),
    Sentence(
        0, "Who takes part, leads or belongs is an agent.", "Participation-participant-class Membership-member-class"
    ),
    Sentence(
        0, "A post is no organisation and a person is none either.", "Post-not-organisation Organisation-not-person"
    ),
    Sentence(0, "People stand here only in a public role.", "Person-role-present Person-contact-absent"),
    Sentence(
        0,
        "No text holds an e-mail address or telephone number.",
        "Record-no-address Record-no-number Fragment-no-address Fragment-no-number",
        "test_records.py::test_no_addresses_or_numbers_of_persons",
    ),
    Sentence(0, "A plan is an entity and never an activity.", "Plan-not-activity"),
    Sentence(
        0,
        "A concept stands in the list of its class.",
        "Concept-inScheme-present Concept-inScheme-class Theme-inScheme-own Sector-inScheme-own Form-inScheme-own "
        "Role-inScheme-own Indicator-inScheme-own Unit-inScheme-own Term-inScheme-own",
    ),
    Sentence(0, "A concept is explained in both languages.", "Concept-definition-nl Concept-definition-en"),
    Sentence(
        0,
        "A part of a document lies in one whole, in the lines of that document, and cites publications.",
        "DocumentPart-partOf-present DocumentPart-partOf-single DocumentPart-partOf-class DocumentPart-passage-present "
        "DocumentPart-passage-document DocumentPart-cites-class DocumentPart-number-datatype "
        "DocumentPart-number-single Footnote-number-present",
    ),
    Sentence(
        0,
        "A need and a lesson say what they are about and where it is written; a lesson has one kind.",
        "Need-subject-present Need-evidence-present Lesson-subject-present Lesson-evidence-present "
        "Lesson-description-present Lesson-kind-present Lesson-kind-single Lesson-kind-listed",
    ),
    Sentence(
        0, "What something is about exists.", "Record-subject-known NewsItem-subject-present Observation-about-known"
    ),
    Sentence(
        0,
        "A statement is a part of the record it is about.",
        "Fragment-iri Fragment-own-record Claim-record-present Membership-record-present Naming-record-present "
        "NotStated-record-present Participation-record-present Position-record-present Position-iri "
        "Position-own-record",
    ),
    Sentence(
        0,
        "A statement says on what basis it stands, and who says it.",
        "Statement-basis-present Statement-basis-single Statement-basis-listed Fragment-evidence-present "
        "Fragment-evidence-class Fragment-evidence-unverified Fragment-derivedFrom-present "
        "Observation-evidence-present",
    ),
    Sentence(
        0,
        "Only one direction is written down; inverses follow.",
        "Fragment-about Inferred-hasPart Inferred-leads Inferred-memberOf Inferred-statement",
        "test_reasoning.py::test_nothing_that_is_asserted_is_also_inferred",
    ),
    Sentence(
        1,
        "A thing has one record, and an id belongs to one thing.",
        "Record-identifier-unique Record-identifier-datatype Named-iri",
        "test_records.py::test_rows_that_mean_one_thing_are_one_record",
    ),
    Sentence(
        2,
        "A triple stands in one named graph, that of its own record, and what is inferred is not written down.",
        "Fragment-own-record Position-own-record Inferred-kind Inferred-ledBy",
        "test_records.py::test_a_record_graph_holds_only_its_record "
        "test_reasoning.py::test_nothing_that_is_asserted_is_also_inferred",
    ),
    Sentence(
        3,
        "A role is one property to one node.",
        "Participation-property-single Participation-record-present Participation-participant-present "
        "Participation-participant-single Inferred-participation",
    ),
    Sentence(
        3, "A lead says in which table, text or period.", "Participation-context-present Statement-context-listed"
    ),
    Sentence(3, "Another role has a name.", "Participation-role-present Participation-role-class"),
    Sentence(
        3,
        "What a source does not state enters no chain.",
        "Participation-lead-stated Participation-assigned-apart Inferred-ledBy Inferred-involves Inferred-engages",
    ),
    Sentence(3, "The organisation with a printed name is an agent.", "Participation-affiliation-class"),
    Sentence(
        4,
        "A group is one agent, its members exist, and nothing but a query expands it.",
        "Group-iri Group-groupMember-class",
        "queries/test_saved_queries.py::test_answer_is_the_expected_one",
    ),
    Sentence(
        5,
        "What a source says and what was assigned stand apart, and nothing hides which.",
        "Record-topsector-apart Record-theme-apart Record-form-apart Record-mission-apart Record-place-apart "
        "Record-kind-apart Inferred-relatedTopsector Inferred-relatedTheme Inferred-relatedForm "
        "Inferred-relatedMission "
        "Inferred-relatedPlace Inferred-kind",
    ),
    Sentence(
        5,
        "Both lead to something of the right class or list.",
        "Record-topsector-class Record-theme-class Record-form-class Record-mission-class Record-place-class "
        "Record-kind-listed Result-kind-listed Theme-kind-listed",
    ),
    Sentence(
        6,
        "A naming has one text with its language, one kind, and the lines that print it.",
        "Naming-nameText-present Naming-nameText-single Naming-nameText-language Naming-namingKind-present "
        "Naming-namingKind-single Naming-namingKind-listed Naming-basis-stated Naming-passage-present",
    ),
    Sentence(6, "A printed name has one naming a document.", "Naming-nameText-once"),
    Sentence(6, "A day on which a name held is a date.", "Statement-asOf-datatype"),
    Sentence(6, "A tag proves no name.", tests="shapes/test_rules.py::test_no_name_rests_on_a_tag_alone"),
    Sentence(
        6,
        "A thing has one current name a language.",
        "Named-prefLabel-nl Named-prefLabel-en Named-prefLabel-once Named-prefLabel-languages Position-prefLabel-nl "
        "Position-prefLabel-en",
    ),
    Sentence(
        7,
        "A claim gives one value for one property.",
        "Claim-property-present Claim-property-single Claim-property-known Claim-value-present Claim-value-single "
        "Claim-statedThing-iri Claim-statedValue-literal",
    ),
    Sentence(
        7,
        "A date, status, code, kind, form or target has a claim that a source states.",
        "Record-claim-present Event-eventStatus-claim NewsItem-date-present",
    ),
    Sentence(7, "A claim that is contradicted gives no fact.", "Contradiction-direct-absent"),
    Sentence(
        8,
        "A disagreement has two positions or more, and one kind.",
        "Disagreement-position-two Disagreement-position-class Disagreement-disagreementKind-present "
        "Disagreement-disagreementKind-single Disagreement-disagreementKind-listed",
    ),
    Sentence(
        8,
        "A position has its statements and its lines.",
        "Position-positionStatement-present Position-positionStatement-class Position-passage-present "
        "Position-evidence-class",
    ),
    Sentence(
        8,
        "Statements contradict each other where, and only where, both cannot be true.",
        "Disagreement-contradicts-marked Contradiction-disagreement-present Contradiction-property-same "
        "Contradiction-statement-class",
    ),
    Sentence(
        9,
        "A gap names the property and the source, and lies in that source.",
        "NotStated-property-present NotStated-property-known NotStated-inSource-present NotStated-inSource-class "
        "NotStated-inSource-evidence NotStated-basis-stated",
    ),
    Sentence(
        9, "The count of a gap is one whole number.", "NotStated-statedCount-datatype NotStated-statedCount-single"
    ),
    Sentence(
        10,
        "Every record says whether it is documented; then it has evidence, and otherwise none.",
        "Record-evidenceStatus-present Record-evidenceStatus-single Record-evidenceStatus-listed "
        "Record-evidence-present "
        "Record-evidence-unverified Record-evidence-class Source-evidenceStatus-present Source-evidenceStatus-listed",
    ),
    Sentence(
        10,
        "Each status is a property of its own, with its own list.",
        "Observation-figureStatus-listed Event-eventStatus-listed Event-eventStatus-single "
        "LearningCommunity-communityStatus-listed LearningCommunity-communityStatus-single",
        "shapes/test_rules.py::test_records_use_the_properties_of_the_ontology",
    ),
    Sentence(10, "The status of a community has a date.", "Claim-status-dated"),
    Sentence(
        11,
        "A figure has an indicator, a subject, a unit, a period, an area, a status and a qualifier.",
        "Observation-indicator-present Observation-indicator-single Observation-indicator-class "
        "Observation-about-present "
        "Observation-unit-present Observation-unit-single Observation-unit-class Observation-period-present "
        "Observation-period-single Observation-period-class Observation-area-present Observation-area-single "
        "Observation-area-class Observation-figureStatus-present Observation-figureStatus-single "
        "Observation-qualifier-present Observation-qualifier-single Observation-qualifier-listed",
    ),
    Sentence(
        11,
        "A figure is one decimal number, or a range with both ends.",
        "Observation-value-present Observation-value-single Observation-value-or-range Observation-value-datatype "
        "Observation-range-complete Observation-range-order Observation-minValue-single Observation-maxValue-single",
    ),
    Sentence(
        11,
        "What a document prints stands there as printed.",
        "Observation-asWritten-passage Observation-asWritten-single",
        "test_records.py::test_what_was_printed_stands_in_the_lines_of_its_passage "
        "test_figures.py::test_the_value_is_the_one_printed test_figures.py::test_the_qualifier_is_the_one_printed",
    ),
    Sentence(11, "One figure is one record.", tests="test_records.py::test_one_figure_is_one_record"),
    Sentence(
        11,
        "Figures belong to the one data set, and source is a dimension.",
        "Observation-dataSet Observation-evidence-present",
    ),
    Sentence(
        11,
        "A cell of a budget tells its place, has a status of a budget, and points to the total it is part of.",
        "BudgetLine-locator-or-passage BudgetLine-figureStatus-planned Observation-addendOf-class",
    ),
    Sentence(
        12,
        "Days are dates, both inclusive and in order.",
        "Claim-date-datatype Claim-statedValue-no-year Record-firstDay-order Record-firstDay-single "
        "Record-lastDay-single "
        "Source-firstDay-datatype Source-lastDay-datatype Period-firstDay-datatype Period-lastDay-datatype "
        "Period-firstDay-order",
    ),
    Sentence(
        12,
        "A date says how exactly it is known; a year or month stands as its first or last day.",
        "Claim-date-precision Claim-date-year Claim-date-month Fragment-precision-single Fragment-precision-listed "
        "Record-precision-present Record-precision-single Record-precision-listed Period-precision-listed",
    ),
    Sentence(12, "The text of the source stands with the date.", "Claim-date-text"),
    Sentence(12, "A school year is a period, as is the absence of one.", "Period-iri"),
    Sentence(
        13,
        "A passage is named after document and lines, which are in order.",
        "Passage-iri Passage-inDocument-present Passage-inDocument-class Passage-firstLine-present "
        "Passage-firstLine-datatype Passage-firstLine-from-one Passage-lastLine-present Passage-lastLine-datatype "
        "Passage-lines-order",
    ),
    Sentence(
        13,
        "A passage has the hash of its lines.",
        "Passage-sha256-present Passage-sha256-single Passage-sha256-pattern",
        "test_records.py::test_each_passage_has_the_hash_of_its_lines",
    ),
    Sentence(
        13,
        "What served only to derive is no evidence.",
        "Fragment-derivedFrom-apart Fragment-derivedFrom-class Fragment-derivedFrom-present",
    ),
    Sentence(
        14,
        "A part lies in a whole of the right class.",
        "Plan-partOf-class Zone-partOf-present ActionPlan-partOf-present WorkPackage-partOf-present "
        "ProgrammeLine-partOf-present Goal-partOf-present Condition-partOf-present Result-partOf-present "
        "Action-partOf-present DocumentPart-partOf-class",
    ),
    Sentence(
        14,
        "Succession, funding and the like are no parts, and lead to something that exists.",
        "Record-relation-apart Record-relation-known Record-modelledOn-class Record-followedIn-class "
        "Record-usesInstrument-class Record-frequency-listed",
    ),
    Sentence(
        15, "Within a class and period no two things have one name.", "Record-prefLabel-unique Concept-prefLabel-unique"
    ),
    Sentence(
        15,
        "Texts stand in both languages.",
        "Record-description-both Record-description-once Record-description-languages Noted-editorialNote-nl "
        "Noted-editorialNote-en Noted-editorialNote-languages",
        "test_records.py::test_names_and_texts_are_there_in_both_languages",
    ),
    Sentence(
        16,
        "An answer shows what is unverified.",
        tests="queries/test_saved_queries.py::test_unverified_records_are_visible",
    ),
)
