"""The words in which the federation's pages name what the protocol names tersely."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, str | Promise]

STANDINGS: Words = {
    "waiting": _("Waits for a decision"),
    "approved": _("Approved"),
    "withdrawn": _("Approval withdrawn"),
    "refused": _("Refused"),
}
STANDING_TONES: Words = {"waiting": "late", "approved": "good", "withdrawn": "", "refused": ""}

KINDS: Words = {
    "advertised": _("Fresh public keys"),
    "shared": _("Encrypted shares"),
    "masked": _("Numbers under masks"),
    "agreed": _("Signed list of hospitals"),
    "unmasked": _("Shares that take masks off the sum"),
    "model received": _("Confirmation that the model came"),
    "refusal": _("Refusal, with its sentence"),
}

PURPOSES: Words = {
    "statistics": _("statistics of the inputs"),
    "fit": _("fitting the model"),
    "update": _("averaging the model"),
    "model received": _("receiving the model"),
    "refusal": _("refusing"),
}

# What a stranger who reads a field learns from it.
FORMS: Words = {
    "value": _("as it stands"),
    "masked": _("masked: random numbers to whoever lacks the masks"),
    "encrypted": _("encrypted for one other hospital each"),
    "public": _("public key, made for this sum only"),
    "share": _("part of a secret of this sum; the ledger keeps none of it"),
    "data": _("no patient data: the names and settings of this sum"),
}

STEPS: Words = {
    "": _("It waits for the worker."),
    "counting": _("Step 1 of 3: who is in the cohort?"),
    "training": _("Step 2 of 3: learning from this hospital's patients alone."),
    "problems": _("Step 3 of 3: which data problems lower the cohort?"),
}

PHASES: Words = {
    "advertise": _("exchanging fresh keys"),
    "share": _("exchanging encrypted shares"),
    "mask": _("handing in the masked numbers"),
    "consistency": _("agreeing on who delivered"),
    "unmask": _("taking the masks off the sum"),
    "model": _("receiving the global model"),
}

DEEDS: Words = {
    "adopt": _("Put in use"),
    "roll_back": _("Rolled back to it"),
    "switch_off": _("Switched off"),
}

MODEL_KINDS: Words = {
    "federated": _("Learned together, with this hospital's own part"),
    "local": _("Learned from this hospital's own patients alone"),
}
