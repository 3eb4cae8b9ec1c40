"""The source attributes of a predictive model, 45 CFR 170.315(b)(11)(iv)(B), and what of them a study document says.

A model facts page shows each of them, or says that it is missing and why. Titles are shortened from the regulation's
text (public law). What a run and a hospital's own patients add is filled in by whoever knows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from wardround.federation.study import Study


@dataclass(frozen=True)
class SourceAttribute:
    """One attribute: its place in paragraph (B), its group, and what it is."""

    number: str
    group: str
    title: str


@dataclass(frozen=True)
class Stated:
    """What is said of one attribute: the text where it is known, else why it is missing."""

    attribute: SourceAttribute
    text: str
    why_missing: str = ""


_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Details and output", (
        "Developer, with contact", "Funding of the technical implementation", "What value it gives",
        "Kind of output",
    )),
    ("Purpose", ("Intended use", "Intended patients", "Intended users", "Intended role in a decision")),
    ("Cautioned out-of-scope use", (
        "Tasks, situations or populations it is cautioned against", "Known risks, inappropriate settings, limitations",
    )),
    ("Development and input features", (
        "Criteria by which training patients were included and excluded", "Demographic inputs that it uses",
        "Demographic representativeness of the training data", "Relevance of the training data to where it is used",
    )),
    ("Fairness in development", ("Approach to a fair output", "Approach to manage bias")),
    ("External validation", (
        "Data on which it was tested from outside", "Who tested it from outside",
        "Demographic representativeness of the outside data", "How it was tested from outside",
    )),
    ("Performance", (
        "Validity on test data of the same source", "Fairness on test data of the same source",
        "Validity on data of another source", "Fairness on data of another source",
        "Evaluations of its effect on outcomes",
    )),
    ("Maintenance", (
        "How its validity is watched over time", "Validity on local data", "How its fairness is watched over time",
        "Fairness on local data",
    )),
    ("Updates", ("How and how often it is updated", "How and how often its performance is corrected")),
)  # fmt: skip
_ROMAN = ("i", "ii", "iii", "iv", "v")
_DEMOGRAPHIC = {"GENDER": "sex", "MEDS_BIRTH": "age"}

ATTRIBUTES: tuple[SourceAttribute, ...] = tuple(
    SourceAttribute(number=f"({group_number})({_ROMAN[place]})", group=group, title=title)
    for group_number, (group, titles) in enumerate(_GROUPS, start=1)
    for place, title in enumerate(titles)
)


def stated(known: Mapping[str, str], *, why_missing: Mapping[str, str], otherwise: str) -> tuple[Stated, ...]:
    """Every attribute with its text from `known`, or why it is missing: from `why_missing`, else `otherwise`."""
    return tuple(
        Stated(
            attribute=attribute,
            text=known.get(attribute.number, ""),
            why_missing="" if attribute.number in known else why_missing.get(attribute.number, otherwise),
        )
        for attribute in ATTRIBUTES
    )


def said_by_study(study: Study) -> dict[str, str]:
    """The attributes that the study document itself answers, by number."""
    demographic = [_DEMOGRAPHIC[feature.code] for feature in study.features if feature.code in _DEMOGRAPHIC]
    method = (
        "logistic regression, fitted exactly (Newton steps) on secure sums over all hospitals"
        if study.training.method == "exact"
        else "logistic regression, fitted by federated averaging"
    )
    known = {
        "(1)(i)": study.contact,
        "(1)(iii)": f"{study.question} The answer is a probability between 0 and 1, from a {method}.",
        "(1)(iv)": "A prediction.",
        "(2)(i)": study.purpose,
        "(2)(ii)": study.cohort.statement,
        "(3)(i)": " ".join(study.not_for),
        "(3)(ii)": (
            "It knows associations in recorded data, no causes. Differential privacy is off: who holds the model may "
            "learn something about the patients it was trained on."
        ),
        "(4)(i)": study.cohort.statement,
        "(4)(ii)": ", ".join(demographic) if demographic else "None.",
    }
    return {number: text for number, text in known.items() if text.strip()}
