"""Quizzes as Canvas exports and imports them: QTI 1.2 in a content package.

Each quiz is a file; `imsmanifest.xml` lists them. Texts are HTML, mathematics is MathML, which
browsers draw themselves. The format: IMS Question & Test Interoperability 1.2.1, with the metadata
by which Canvas knows the type of a question.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from decimal import Decimal

from cs826tl.widgets.prose import to_html
from cs826tl.widgets.questions import ChoiceQuestion, NumberQuestion, Question
from cs826tl_grader.quizzes.lectures import Lecture, plain_number

ITEMS = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
TYPES = {
    "one": "multiple_choice_question",
    "several": "multiple_answers_question",
    "number": "numerical_question",
}
RIGHT, WRONG = "correct_fb", "general_incorrect_fb"  # what Canvas calls them


def to_qti(lectures: Sequence[Lecture]) -> dict[str, bytes]:
    """Return the files of a content package, with what is said to every answer.

    Several right options must all be chosen, and no other.

    >>> question = NumberQuestion("1 + 1?", 2, 0, "Counted.", "Use your fingers.")
    >>> list(to_qti([Lecture("00_start", "00 Start", (question,))]))
    ['imsmanifest.xml', 'quiz_00_start.xml']
    """
    quizzes = {f"quiz_{lecture.name}.xml": _quiz(lecture) for lecture in lectures}
    return {"imsmanifest.xml": _manifest(list(quizzes)), **quizzes}


def _manifest(files: Sequence[str]) -> bytes:
    root = ET.Element("manifest", identifier="cs826tl_quizzes", xmlns=PACKAGE)
    metadata = ET.SubElement(root, "metadata")
    ET.SubElement(metadata, "schema").text = "IMS Content"
    ET.SubElement(metadata, "schemaversion").text = "1.1.3"
    ET.SubElement(root, "organizations")
    resources = ET.SubElement(root, "resources")
    for file in files:
        name = file.removesuffix(".xml")
        one = ET.SubElement(resources, "resource", identifier=name, type="imsqti_xmlv1p2")
        one.set("href", file)
        ET.SubElement(one, "file", href=file)
    return _bytes(root)


def _quiz(lecture: Lecture) -> bytes:
    root = ET.Element("questestinterop", xmlns=ITEMS)
    name = f"quiz_{lecture.name}"
    assessment = ET.SubElement(root, "assessment", ident=name, title=lecture.title)
    section = ET.SubElement(assessment, "section", ident="root_section")
    for number, question in enumerate(lecture.questions, 1):
        title = f"{lecture.title}, question {number}"
        item = ET.SubElement(section, "item", ident=f"{name}_{number}", title=title)
        _add_metadata(item, question)
        if isinstance(question, NumberQuestion):
            _add_number(item, question)
        else:
            _add_choice(item, question)
    return _bytes(root)


def _add_metadata(item: ET.Element, question: Question) -> None:
    fields = ET.SubElement(ET.SubElement(item, "itemmetadata"), "qtimetadata")
    for label, entry in {"question_type": TYPES[question.kind], "points_possible": "1"}.items():
        field = ET.SubElement(fields, "qtimetadatafield")
        ET.SubElement(field, "fieldlabel").text = label
        ET.SubElement(field, "fieldentry").text = entry


def _add_choice(item: ET.Element, question: ChoiceQuestion) -> None:
    how = "Single" if question.kind == "one" else "Multiple"
    choices = ET.SubElement(_asked(item, question, "response_lid", how), "render_choice")
    options = {str(number): option for number, option in enumerate(question.options, 1)}
    for ident, option in options.items():
        _add_text(ET.SubElement(choices, "response_label", ident=ident), option.text)
    processing = _processing(item)
    for ident in options:
        chosen = _condition(processing, goes_on=True, says=f"{ident}_fb")
        _add_compared(chosen, "varequal", ident)
    right = _condition(processing, scores=True)
    if question.kind == "several":
        right = ET.SubElement(right, "and")
    for ident, option in options.items():
        if option.right:
            _add_compared(right, "varequal", ident)
        elif question.kind == "several":
            _add_compared(ET.SubElement(right, "not"), "varequal", ident)
    for ident, option in options.items():
        _add_feedback(item, f"{ident}_fb", option.why)


def _add_number(item: ET.Element, question: NumberQuestion) -> None:
    blank = ET.SubElement(_asked(item, question, "response_str", "Single"), "render_fib")
    blank.set("fibtype", "Decimal")
    ET.SubElement(blank, "response_label", ident="answer1")
    processing = _processing(item)
    answer, within = Decimal(str(question.answer)), Decimal(str(question.within))
    either = ET.SubElement(_condition(processing, scores=True, says=RIGHT), "or")
    _add_compared(either, "varequal", plain_number(question.answer))
    between = ET.SubElement(either, "and")
    _add_compared(between, "vargte", f"{answer - within:f}")
    _add_compared(between, "varlte", f"{answer + within:f}")
    ET.SubElement(_condition(processing, goes_on=True, says=WRONG), "other")
    _add_feedback(item, RIGHT, question.why)
    _add_feedback(item, WRONG, question.hint)


def _asked(item: ET.Element, question: Question, response: str, how: str) -> ET.Element:
    presentation = ET.SubElement(item, "presentation")
    _add_text(presentation, question.ask)
    return ET.SubElement(presentation, response, ident="response1", rcardinality=how)


def _processing(item: ET.Element) -> ET.Element:
    processing = ET.SubElement(item, "resprocessing")
    score = {"varname": "SCORE", "vartype": "Decimal", "minvalue": "0", "maxvalue": "100"}
    ET.SubElement(ET.SubElement(processing, "outcomes"), "decvar", score)
    return processing


def _condition(
    processing: ET.Element, goes_on: bool = False, scores: bool = False, says: str = ""
) -> ET.Element:
    """Add what follows from an answer; return the place for the condition."""
    one = ET.SubElement(processing, "respcondition", {"continue": "Yes" if goes_on else "No"})
    condition = ET.SubElement(one, "conditionvar")
    if scores:
        ET.SubElement(one, "setvar", action="Set", varname="SCORE").text = "100"
    if says:
        ET.SubElement(one, "displayfeedback", feedbacktype="Response", linkrefid=says)
    return condition


def _add_compared(condition: ET.Element, how: str, value: str) -> None:
    ET.SubElement(condition, how, respident="response1").text = value


def _add_feedback(item: ET.Element, ident: str, text: str) -> None:
    _add_text(ET.SubElement(ET.SubElement(item, "itemfeedback", ident=ident), "flow_mat"), text)


def _add_text(parent: ET.Element, text: str) -> None:
    material = ET.SubElement(parent, "material")
    ET.SubElement(material, "mattext", texttype="text/html").text = to_html(text)


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root)
    declared = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return (declared + ET.tostring(root, encoding="unicode") + "\n").encode()
