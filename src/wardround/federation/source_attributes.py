"""The source attributes of a predictive model, 45 CFR 170.315(b)(11)(iv)(B), and what of them a study document says.

The regulation is that of the HTI-1 final rule (89 FR 1192, 9 January 2024, effective 8 February 2024); a regulation of the
United States is in the public domain. HTI-5 (90 FR 60970, 29 December 2025) proposed to take the paragraph out of the
certification of health IT. What it asks is worth knowing of a model either way, so a model facts page shows each of them,
or says that it is missing and why. What a run and a hospital's own patients add is filled in by whoever knows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from wardround.federation.study import Study


@dataclass(frozen=True)
class SourceAttribute:
    """One attribute: its place in paragraph (B), its group and what it is in short, and the regulation's own words."""

    number: str
    group: str
    title: str
    regulation: str


@dataclass(frozen=True)
class Stated:
    """What is said of one attribute: the text where it is known, else why it is missing."""

    attribute: SourceAttribute
    text: str
    why_missing: str = ""

    def as_json(self) -> dict[str, str | None]:
        """As a model facts document says it."""
        return {
            "number": self.attribute.number,
            "group": self.attribute.group,
            "title": self.attribute.title,
            "regulation": self.attribute.regulation,
            "stated": self.text or None,
            "missing_because": self.why_missing or None,
        }


_VARIABLES = "variables in paragraph (b)(11)(iv)(A)(5) through (13) of this section"
_AT_LEAST = "including, at a minimum, those used as input features in the intervention"
# group, then for each attribute: in short, and as the regulation says it
_GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Details and output", (
        ("Developer, with contact", "Name and contact information for the intervention developer"),
        ("Funding of the technical implementation",
         "Funding source of the technical implementation for the intervention(s) development"),
        ("What value it gives", "Description of value that the intervention produces as an output"),
        ("Kind of output",
         ("Whether the intervention output is a prediction, classification, recommendation, evaluation, analysis, or other "
         "type of output")),
    )),
    ("Purpose", (
        ("Intended use", "Intended use of the intervention"),
        ("Intended patients", "Intended patient population(s) for the intervention's use"),
        ("Intended users", "Intended user(s)"),
        ("Intended role in a decision",
         ("Intended decision-making role for which the intervention was designed to be used/for (e.g., informs, augments, "
         "replaces clinical management)")),
    )),
    ("Cautioned out-of-scope use", (
        ("Tasks, situations or populations it is cautioned against",
         "Description of tasks, situations, or populations where a user is cautioned against applying the intervention"),
        ("Known risks, inappropriate settings or uses, known limitations",
         "Known risks, inappropriate settings, inappropriate uses, or known limitations"),
    )),
    ("Development and input features", (
        ("Criteria by which training patients were included and excluded",
         "Exclusion and inclusion criteria that influenced the training data set"),
        (("Use of race, ethnicity, language, sexual orientation, gender identity, sex, date of birth, social determinants of "
         "health and health status assessments as inputs"),
         f"Use of {_VARIABLES} as input features"),
        ("Demographic representativeness of the training data",
         f"Description of demographic representativeness according to {_VARIABLES} {_AT_LEAST}"),
        ("Relevance of the training data to where it is used",
         "Description of relevance of training data to intended deployed setting"),
    )),
    ("Fairness in development", (
        ("Approach to a fair output",
         "Description of the approach the intervention developer has taken to ensure that the intervention's output is fair"),
        ("Approaches to manage, reduce or eliminate bias",
         "Description of approaches to manage, reduce, or eliminate bias"),
    )),
    ("External validation", (
        ("Source, setting or environment of outside data on which its validity and fairness were assessed",
         ("Description of the data source, clinical setting, or environment where an intervention's validity and fairness has "
         "been assessed, other than the source of training and testing data")),
        ("Who tested it from outside", "Party that conducted the external testing"),
        ("Demographic representativeness of the outside data",
         f"Description of demographic representativeness of external data according to {_VARIABLES} {_AT_LEAST}"),
        ("How it was tested from outside", "Description of external validation process"),
    )),
    ("Quantitative measures of performance", (
        ("Validity on test data of the same source",
         "Validity of intervention in test data derived from the same source as the initial training data"),
        ("Fairness on test data of the same source",
         "Fairness of intervention in test data derived from the same source as the initial training data"),
        ("Validity on data of another source",
         "Validity of intervention in data external to or from a different source than the initial training data"),
        ("Fairness on data of another source",
         "Fairness of intervention in data external to or from a different source than the initial training data"),
        ("References to evaluations of its effect on outcomes",
         ("References to evaluation of use of the intervention on outcomes, including, bibliographic citations or hyperlinks "
         "to evaluations of how well the intervention reduced morbidity, mortality, length of stay, or other outcomes")),
    )),
    ("Ongoing maintenance", (
        ("How, and how often, its validity is watched over time",
         "Description of process and frequency by which the intervention's validity is monitored over time"),
        ("Validity on local data", "Validity of intervention in local data"),
        ("How, and how often, its fairness is watched over time",
         "Description of the process and frequency by which the intervention's fairness is monitored over time"),
        ("Fairness on local data", "Fairness of intervention in local data"),
    )),
    ("Schedule of updates and of continued assessment", (
        ("How and how often it is updated",
         "Description of process and frequency by which the intervention is updated"),
        ("How often its performance is corrected when risks to its validity or fairness are found",
         ("Description of frequency by which the intervention's performance is corrected when risks related to validity and "
         "fairness are identified")),
    )),
)  # fmt: skip
_ROMAN = ("i", "ii", "iii", "iv", "v")
OF_THE_PERSON = {"GENDER": "sex", "MEDS_BIRTH": "date of birth (as age)"}
METHODS = {
    "exact": "logistic regression, fitted exactly (Newton steps) on secure sums over all hospitals",
    "fedavg": "logistic regression, fitted by federated averaging",
}

NO_FAIRNESS = "Not done: no step of the training looks at fairness between groups of patients."

ATTRIBUTES: tuple[SourceAttribute, ...] = tuple(
    SourceAttribute(number=f"({group_number})({_ROMAN[place]})", group=group, title=title, regulation=regulation)
    for group_number, (group, attributes) in enumerate(_GROUPS, start=1)
    for place, (title, regulation) in enumerate(attributes)
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
    known = {
        "(1)(i)": study.contact,
        "(1)(iii)": f"{study.question} The answer is a probability between 0 and 1, from a {METHODS[study.training.method]}.",
        "(1)(iv)": "A prediction.",
        "(2)(i)": study.purpose,
        "(2)(ii)": study.cohort.statement,
        "(2)(iii)": "Those of a hospital's staff who may read the patient's chart; only doctors judge an estimate.",
        "(2)(iv)": "It informs: a reference beside the chart. It replaces no decision, orders nothing and writes nothing.",
        "(3)(i)": " ".join(study.not_for),
        "(3)(ii)": (
            "It knows associations in recorded data, no causes. Differential privacy is off: who holds the model may "
            "learn something about the patients it was trained on."
        ),
        "(4)(i)": study.cohort.statement,
        "(4)(ii)": _uses(study),
    }
    return {number: text for number, text in known.items() if text.strip()}


def _uses(study: Study) -> str:
    """Which inputs are of the person by their code. Whether another input is one of these variables (smoking is a health
    status) no code here tells, so they are named and the reader sees it."""
    own = [OF_THE_PERSON[feature.code] for feature in study.features if feature.code in OF_THE_PERSON]
    others = [feature.title for feature in study.features if feature.code not in OF_THE_PERSON]
    said = f"Of these, {' and '.join(own)}." if own else "Neither sex nor date of birth."
    return f"{said} Its other inputs: {', '.join(others)}." if others else said
