"""A study's data stay what they were: two sums over cohorts or splits that differ by a patient give that patient away.

The cohort is frozen, but what is made of it also depends on the installed version. So the first worker of a study
writes down a keyed hash of its data, and every later one refuses when its own differs.
"""

import hashlib
import hmac
from pathlib import Path

import numpy as np

from wardround.federation.durable import write_whole
from wardround.federation.errors import FederationError
from wardround.learning.site import SiteData
from wardround.web.home import Home


class DataChangedError(FederationError):
    """This hospital's data of the study are not those it began with."""


def refuse_if_changed(site: SiteData, *, home: Home, folder: Path) -> None:
    """Compare with what the study began with here; the first time, write it down. `folder` is the study's own."""
    path, now = folder / "data.hmac", _code_of(site, key=home.key("mac"))
    if not path.exists():
        write_whole(path, now.encode())
        return
    if not hmac.compare_digest(path.read_text("utf-8"), now):
        raise DataChangedError(
            "This hospital's data of the study are not those it began with, perhaps since Wardround was updated. "
            "Publish a new version of the study."
        )


def _code_of(site: SiteData, *, key: bytes) -> str:
    """HMAC-SHA256 over inputs, labels, split and folds."""
    code = hmac.new(key, b"site data 1", hashlib.sha256)
    for feature in site.raw.features:
        column = site.raw.columns[feature.name]
        code.update(feature.name.encode() + b"\0")
        code.update(column.tobytes() if column.dtype != object else "\0".join(map(str, column)).encode())
    for part in (site.labels, site.training, site.held_out, site.folds):
        code.update(np.ascontiguousarray(part).tobytes() + b"\0")
    return code.hexdigest()
