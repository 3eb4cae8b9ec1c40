"""The cohort that an approval froze, as learning sees it."""

from typing import TYPE_CHECKING

from django.conf import settings

from wardround.hospital.training import vault
from wardround.hospital.training.membership import name_in_federation
from wardround.hospital.training.models import ApprovedStudy
from wardround.hospital.training.queries import published

if TYPE_CHECKING:
    from wardround.learning.site import SiteData


def frozen_site(study: ApprovedStudy) -> "SiteData":
    """The same split as in the run. Raises SealedFileError."""
    from wardround.learning.site import site_data, split_seed

    found = published(study).study
    with vault.opened_cohort(settings.HOME, study.hash) as meds:
        return site_data(
            meds,
            task=found.cohort.task,
            features=found.features,
            test_fraction=found.training.test_fraction,
            folds=found.training.folds,
            seed=split_seed(found.hash, name_in_federation(settings.HOME)),
        )
