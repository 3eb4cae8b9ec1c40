"""What a doctor may answer, each a few choices: what they think themselves before they see an estimate, and why they do not follow
one. The reasons are the same in the chart and on a card of CDS Hooks."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SYSTEM = "urn:wardround:override-reason"
REASONS: Mapping[str, Promise] = {
    "does-not-fit": _("It does not fit what I see in this patient"),
    "wrong-data": _("It was made from wrong or outdated data"),
    "not-for-this-patient": _("The model is not for a patient like this"),
    "known-already": _("The answer is known already"),
    "not-useful": _("It does not help now"),
}
IMPRESSIONS: Mapping[str, Promise] = {
    "likely": _("It is likely"),
    "unlikely": _("It is unlikely"),
    "unsure": _("I cannot say"),
}
