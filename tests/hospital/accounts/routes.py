"""Who may open which route of the hospital's site. Every route has its line here; the walk fails for one that has none.

`get` and `post` name the roles that may; None where the method is not taken. A route that leads to a patient's chart or to
something in it answers 404 to whoever may not, because "not yours" looks like "not there"; every other answers 403.
"""

from dataclasses import dataclass, field

from wardround.web.accounts.models import ROLES_OF_SITE

Roles = frozenset[str]
EVERYBODY: Roles = frozenset(str(role) for role in ROLES_OF_SITE["hospital"])
CHARTS: Roles = frozenset({"nurse", "doctor", "steward"})
WRITERS: Roles = frozenset({"nurse", "doctor"})
DECIDERS: Roles = frozenset({"doctor", "steward"})
QUALITY: Roles = frozenset({"doctor", "steward"})
STEWARDS: Roles = frozenset({"steward"})
DOCTORS: Roles = frozenset({"doctor"})
TRAINING: Roles = frozenset({"steward", "researcher", "privacy_officer", "administrator"})
APPROVERS: Roles = frozenset({"steward", "privacy_officer", "administrator"})
AUDITORS: Roles = frozenset({"privacy_officer", "administrator"})
ADMINISTRATORS: Roles = frozenset({"administrator"})


@dataclass(frozen=True)
class Route:
    """One route: which roles may read and send, and what stands in its address (by default what the walk knows)."""

    get: Roles | None = None
    post: Roles | None = None
    kwargs: dict[str, object] = field(default_factory=dict)
    data: dict[str, str] = field(
        default_factory=dict
    )  # what is asked or sent: what the role is refused before is not asked
    is_open: bool = False  # for everybody, also signed out


OPEN = Route(is_open=True)
MISSING = {"of": "nothing"}
STUDY: dict[str, object] = {"study_hash": "0" * 64}
CONFIRM = {"decision": "confirm"}

ROUTES: dict[str, Route] = {
    # web/accounts, and what processes ask
    "login": OPEN,
    "logout": OPEN,
    "healthz": OPEN,
    "metrics": OPEN,  # asks for a token itself
    "session": Route(get=EVERYBODY),
    "own-password": Route(get=EVERYBODY, post=EVERYBODY),
    # the system's own
    "components": Route(get=EVERYBODY),
    # entry
    "draft": Route(post=EVERYBODY, kwargs={"key": "none"}),  # each keeps their own; what it is about has its own door
    "enter-vital-signs": Route(get=WRITERS, post=WRITERS),
    "enter-laboratory": Route(get=WRITERS, post=WRITERS),
    "enter-find-test": Route(post=WRITERS),
    "enter-check": Route(post=WRITERS, kwargs={"sheet": "vital-signs"}, data={"check": "heart_rate"}),
    **{f"enter-{name}": Route(get=WRITERS, post=WRITERS) for name in ("problem", "medicine", "allergy", "procedure")},
    **{f"enter-{name}": Route(get=WRITERS, post=WRITERS) for name in ("immunization", "note")},
    **{name: Route(get=WRITERS, post=WRITERS) for name in ("admit", "transfer", "discharge")},
    "correct": Route(get=WRITERS, post=WRITERS, kwargs={"type_name": "Observation", "rid": "none"}),
    "new-patient": Route(get=WRITERS, post=WRITERS),
    "code-search": Route(get=WRITERS, post=WRITERS),
    # emergency
    "emergency-access": Route(get=WRITERS, post=WRITERS),
    "emergency-end": Route(post=WRITERS, kwargs={"access_id": "none"}),
    "emergency-reviews": Route(get=AUDITORS, post=AUDITORS),
    # wards
    "worklist": Route(get=WRITERS),
    "wards": Route(get=CHARTS, post=DECIDERS, data={"every_hours": "4"}),
    "ward": Route(get=CHARTS, post=DECIDERS, kwargs={"key": "none"}, data={"every_hours": "4"}),
    # administration
    "people": Route(get=ADMINISTRATORS, post=ADMINISTRATORS),
    "person": Route(get=ADMINISTRATORS, post=ADMINISTRATORS, kwargs={"username": "nobody"}),
    "care-teams": Route(get=ADMINISTRATORS, post=ADMINISTRATORS),
    "care-team": Route(get=ADMINISTRATORS, post=ADMINISTRATORS, kwargs={"team_id": 0}),
    "audit": Route(get=AUDITORS, post=AUDITORS),
    "audit-check": Route(post=AUDITORS),
    "audit-export": Route(get=AUDITORS, kwargs={"form": "csv"}),
    "health-page": Route(get=ADMINISTRATORS),
    # charts
    "home": Route(get=EVERYBODY),
    "patients": Route(get=CHARTS, post=CHARTS),
    "chart": Route(get=CHARTS),
    "chart-vital-signs": Route(get=CHARTS),
    "chart-vital-sign-points": Route(get=CHARTS),
    "chart-laboratory": Route(get=CHARTS),
    "chart-problems": Route(get=CHARTS),
    "chart-medicines": Route(get=CHARTS),
    "chart-allergies": Route(get=CHARTS),
    "chart-procedures": Route(get=CHARTS),
    "chart-immunizations": Route(get=CHARTS),
    "chart-notes": Route(get=CHARTS),
    "chart-documents": Route(get=CHARTS),
    "chart-document": Route(get=CHARTS),
    "chart-document-file": Route(get=CHARTS, kwargs={"number": 0}),
    "chart-encounters": Route(get=CHARTS),
    "chart-print": Route(get=CHARTS),
    "chart-everything": Route(get=CHARTS),
    "chart-record": Route(get=CHARTS),
    "chart-history": Route(get=CHARTS),
    "decide-value": Route(post=DECIDERS, data=CONFIRM),
    "decide-record": Route(post=DECIDERS, data=CONFIRM),
    "model-facts": Route(get=EVERYBODY, kwargs={"sha256": "none"}),
    "model-facts-file": Route(get=EVERYBODY, kwargs={"sha256": "none"}),
    # training
    "federation": Route(get=TRAINING),
    "federation-invitation": Route(post=APPROVERS),
    "federation-join": Route(post=APPROVERS),
    "federation-request": Route(get=TRAINING, data=MISSING),
    "federation-send": Route(post=APPROVERS, data=MISSING),
    "federation-admission": Route(post=APPROVERS),
    "studies": Route(get=TRAINING),
    "studies-fetch": Route(post=APPROVERS),
    "studies-upload": Route(post=APPROVERS),
    "study": Route(get=TRAINING, kwargs=STUDY),
    "study-dry-run": Route(post=APPROVERS, kwargs=STUDY),
    "study-dry-run-state": Route(get=TRAINING, kwargs=STUDY),
    "study-confirm": Route(post=APPROVERS, kwargs=STUDY),
    "study-approve": Route(post=APPROVERS, kwargs=STUDY),
    "study-refuse": Route(post=APPROVERS, kwargs=STUDY),
    "study-withdraw": Route(post=APPROVERS, kwargs=STUDY),
    "runs": Route(get=TRAINING),
    "runs-now": Route(get=TRAINING),
    "models": Route(get=TRAINING),
    "model-use": Route(post=APPROVERS, kwargs={"number": 0}),
    "model-off": Route(post=APPROVERS, kwargs={"number": 0}),
    "what-left": Route(get=TRAINING),
    "what-left-export": Route(get=TRAINING),
    "what-left-check": Route(post=TRAINING),
    "what-left-check-state": Route(get=TRAINING),
    # diagnosis
    "verdict": Route(post=DOCTORS, data={"choice": "hide"}),
    "agreement": Route(get=QUALITY),
    "agreement-records": Route(get=QUALITY, kwargs={"sha256": "none"}),
    # quality
    "quality": Route(get=QUALITY),
    "quality-measure": Route(post=QUALITY),
    "quality-records": Route(get=QUALITY, data={"check": "none"}),
    "quality-queue": Route(get=QUALITY),
    "quality-accept": Route(get=DECIDERS, post=DECIDERS, data={"group": "none"}),
    "quality-decide-value": Route(post=DECIDERS, data=CONFIRM),
    "quality-decide-record": Route(post=DECIDERS, data=CONFIRM),
    # identity
    "duplicates": Route(get=QUALITY),
    "duplicate": Route(get=QUALITY, post=QUALITY, kwargs={"number": 0}, data={"decision": "different"}),
    # intake
    "imports": Route(get=STEWARDS),
    "import-new": Route(get=STEWARDS, post=STEWARDS),
    "upload": Route(get=STEWARDS, post=STEWARDS, kwargs={"upload_id": "none"}),
    "import": Route(get=STEWARDS, kwargs={"batch_id": "none"}),
    "import-undo": Route(get=STEWARDS, post=STEWARDS, kwargs={"batch_id": "none"}),
    "quarantine": Route(get=STEWARDS),
    "quarantine-replay-many": Route(post=STEWARDS),
    "quarantine-message": Route(get=STEWARDS, kwargs={"number": 0}),
    "quarantine-raw": Route(get=STEWARDS, kwargs={"number": 0}),
    "quarantine-replay": Route(post=STEWARDS, kwargs={"number": 0}),
}
