"""QTI against IMS's content models for 1.2.1, and what a processor of it says to every answer."""

import html
import itertools
import re
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest
from latex2mathml.converter import convert

from cs826tl.widgets.questions import NumberQuestion, Question
from cs826tl_grader.quizzes.lectures import lectures_with_quiz
from cs826tl_grader.quizzes.qti import to_qti
from tests.grader.quizzes.odd import ODD

LECTURES = [*lectures_with_quiz(), ODD]
CASES = [(lecture, number) for lecture in LECTURES for number in range(len(lecture.questions))]
QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
PACKAGE = "{http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1}"
TESTS = r"(?:(?:not|and|or|unanswered|other|varequal|vargte|varlte|vargt|varlt);)"
# From the DTD of QTI 1.2.1 (ims_qtiasiv1p2p1.dtd), without what nobody here writes: the children of
# each element in order, and the attributes that it must have (True) or may have.
MODEL: dict[str, tuple[str, dict[str, bool]]] = {
    "questestinterop": (r"(objectbank;|assessment;|(section;|item;)+)", {}),
    "assessment": (r"(qtimetadata;)*(objectives;)*(section;)+", {"ident": True, "title": False}),
    "section": (r"(item;|section;)*", {"ident": True, "title": False}),
    "item": (
        r"(itemmetadata;)?(presentation;)?(resprocessing;)*(itemfeedback;)*",
        {"ident": True, "title": False},
    ),
    "itemmetadata": (r"(qtimetadata;)*", {}),
    "qtimetadata": (r"(vocabulary;)?(qtimetadatafield;)+", {}),
    "qtimetadatafield": (r"fieldlabel;fieldentry;", {}),
    "fieldlabel": ("", {}),
    "fieldentry": ("", {}),
    "presentation": (r"(flow;|(material;|response_lid;|response_str;)+)", {"label": False}),
    "material": (r"(mattext;)+", {}),
    "mattext": ("", {"texttype": False}),
    "response_lid": (
        r"(material;)?(render_choice;|render_fib;)(material;)?",
        {"ident": True, "rcardinality": False},
    ),
    "response_str": (
        r"(material;)?(render_choice;|render_fib;)(material;)?",
        {"ident": True, "rcardinality": False},
    ),
    "render_choice": (r"(material;|response_label;)*", {"shuffle": False}),
    "render_fib": (r"(material;|response_label;)*", {"fibtype": False}),
    "response_label": (r"(material;|flow_mat;)*", {"ident": True}),
    "resprocessing": (r"outcomes;(respcondition;)+", {}),
    "outcomes": (r"(decvar;)+", {}),
    "decvar": ("", dict.fromkeys(("varname", "vartype", "minvalue", "maxvalue"), False)),
    "respcondition": (r"conditionvar;(setvar;)*(displayfeedback;)*", {"continue": False}),
    "conditionvar": (f"{TESTS}+", {}),
    "and": (f"{TESTS}+", {}),
    "or": (f"{TESTS}+", {}),
    "not": (TESTS, {}),
    "other": ("", {}),
    **dict.fromkeys(("varequal", "vargte", "varlte"), ("", {"respident": True})),
    "setvar": ("", {"varname": False, "action": False}),
    "displayfeedback": ("", {"feedbacktype": False, "linkrefid": True}),
    "itemfeedback": (r"(flow_mat;|material;)+", {"ident": True}),
    "flow_mat": (r"(flow_mat;|material;)+", {}),
}
VALUES = {
    "rcardinality": {"Single", "Multiple", "Ordered"},
    "fibtype": {"String", "Integer", "Decimal", "Scientific"},
    "continue": {"Yes", "No"},
    "action": {"Set", "Add", "Subtract", "Multiply", "Divide"},
    "feedbacktype": {"Response", "Solution", "Hint"},
    "vartype": {"Integer", "String", "Decimal", "Scientific", "Boolean", "Enumerated", "Set"},
}


@pytest.fixture(scope="module")
def package() -> dict[str, ET.Element]:
    return {name: ET.fromstring(content) for name, content in to_qti(LECTURES).items()}


@pytest.fixture(scope="module")
def items(package) -> list[ET.Element]:
    quizzes = [root for name, root in package.items() if name != "imsmanifest.xml"]
    return [item for root in quizzes for item in root.iter(f"{QTI}item")]


def test_every_element_is_as_the_specification_prescribes(package) -> None:
    for name, root in package.items():
        for element in root.iter() if name != "imsmanifest.xml" else ():
            kind = element.tag.removeprefix(QTI)
            children, attributes = MODEL[kind]
            found = "".join(f"{child.tag.removeprefix(QTI)};" for child in element)
            assert re.fullmatch(children, found), (name, kind, found)
            assert {a for a, must in attributes.items() if must} <= {*element.keys()}
            assert {*element.keys()} <= attributes.keys()
            for key, value in element.items():
                assert value in VALUES.get(key, {value}), (name, kind, key)
            assert not len(element) or not (element.text or "").strip()


def test_the_manifest_lists_every_file_once_and_no_other(package) -> None:
    manifest = package["imsmanifest.xml"]
    assert [child.tag.removeprefix(PACKAGE) for child in manifest] == [
        "metadata", "organizations", "resources",
    ]  # fmt: skip
    resources = list(manifest.iter(f"{PACKAGE}resource"))
    assert {one.get("type") for one in resources} == {"imsqti_xmlv1p2"}
    listed = [file.get("href") for one in resources for file in one.iter(f"{PACKAGE}file")]
    assert listed == [one.get("href") for one in resources]
    assert sorted(listed) == sorted(package.keys() - {"imsmanifest.xml"})
    idents = [one.get("identifier") for one in resources]
    assert idents == [package[f"{i}.xml"][0].get("ident") for i in idents]
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", ident) for ident in idents)  # an XML id


def test_every_lecture_is_a_quiz_and_holds_all_of_its_questions(package, items) -> None:
    quizzes = [root[0] for name, root in package.items() if name != "imsmanifest.xml"]
    assert [quiz.get("title") for quiz in quizzes] == [lecture.title for lecture in LECTURES]
    assert [i.get("title") for i in items] == [f"{one.title}, question {k + 1}" for one, k in CASES]
    assert len({item.get("ident") for item in items}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0].name}-{case[1] + 1}")
def test_a_processor_marks_and_explains_every_answer_as_the_quiz_does(items, case) -> None:
    question: Question = case[0].questions[case[1]]
    item = items[CASES.index(case)]
    assert text_in(item.find(f"{QTI}presentation/{QTI}material")) == written(question.ask)
    assert metadata(item)["points_possible"] == "1"
    if isinstance(question, NumberQuestion):
        assert metadata(item)["question_type"] == "numerical_question"
        answer, within = Decimal(str(question.answer)), Decimal(str(question.within))
        step = within / 2 or Decimal("0.001")
        for given in (answer, answer + within, answer - within):
            assert processed(item, [str(given)]) == (100, [written(question.why)])
        for given in (answer + within + step, answer - within - step):
            assert processed(item, [str(given)]) == (0, [written(question.hint)])
        return
    kind = {"one": "multiple_choice_question", "several": "multiple_answers_question"}
    assert metadata(item)["question_type"] == kind[question.kind]
    response = item.find(f"{QTI}presentation/{QTI}response_lid")
    assert response.get("rcardinality") == ("Single" if question.kind == "one" else "Multiple")
    labels = {label.get("ident"): text_in(label) for label in item.iter(f"{QTI}response_label")}
    assert list(labels.values()) == [written(option.text) for option in question.options]
    for size in range(1, 2 if question.kind == "one" else len(labels) + 1):
        for chosen in itertools.combinations(range(len(labels)), size):
            mark, said = processed(item, [list(labels)[k] for k in chosen])
            assert mark == 100 * question.judge(chosen).right
            assert said == [written(question.options[k].why) for k in chosen]


def processed(item: ET.Element, given: list[str]) -> tuple[int, list[str]]:
    """Return the score of an answer and the feedback that is shown, by the rules of QTI 1.2."""
    feedback = {one.get("ident"): text_in(one) for one in item.iter(f"{QTI}itemfeedback")}
    score, said = 0, []
    for one in item.iter(f"{QTI}respcondition"):
        if all(holds(test, given) for test in one.find(f"{QTI}conditionvar")):
            score = int(one.findtext(f"{QTI}setvar", str(score)))
            said += [feedback[f.get("linkrefid")] for f in one.iter(f"{QTI}displayfeedback")]
            if one.get("continue") == "No":
                break
    return score, said


def holds(test: ET.Element, given: list[str]) -> bool:
    kind, value = test.tag.removeprefix(QTI), (test.text or "").strip()
    if kind in ("and", "or", "not"):
        parts = [holds(part, given) for part in test]
        return {"and": all(parts), "or": any(parts), "not": not parts[0]}[kind]
    if kind == "varequal":
        return value in given
    if kind == "other":
        return True
    compared = Decimal(given[0]).compare(Decimal(value))
    return compared >= 0 if kind == "vargte" else compared <= 0


def metadata(item: ET.Element) -> dict[str, str]:
    fields = item.iter(f"{QTI}qtimetadatafield")
    return {f.findtext(f"{QTI}fieldlabel"): f.findtext(f"{QTI}fieldentry") for f in fields}


def text_in(element: ET.Element) -> str:
    """Return the text as it stands in the quiz's file, but for its mathematics."""
    (found,) = element.iter(f"{QTI}mattext")
    assert found.get("texttype") == "text/html"
    parts = re.split("(<math.*?</math>)", found.text, flags=re.DOTALL)
    parts[::2] = [html.unescape(re.sub("</?code>", "`", part)) for part in parts[::2]]
    return "".join(parts)


def written(text: str) -> str:
    """Return a quiz's text with its mathematics as the library writes it in MathML."""
    parts = re.split(r"(`[^`]+`)", text)
    parts[::2] = [re.sub(r"\$([^$]+)\$", lambda m: convert(m[1]), part) for part in parts[::2]]
    return "".join(parts)
