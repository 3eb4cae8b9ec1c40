"""What the federation is compared with: all records in one place, and guessing each hospital's majority.

The pooled fit is scikit-learn's, so that it shares no code with the fit it judges.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from wardround.learning.features import RawTable
from wardround.learning.site import SiteData
from wardround.learning.statistics import federated_statistics, statistics_vector

Floats = NDArray[np.float64]


def pooled_probabilities(sites: Mapping[str, SiteData], *, ridge: float, minimum_count: int) -> dict[str, Floats]:
    """Held-out probabilities per hospital of one ridge logistic model learned from all training records together."""
    everything = _together([site.training_raw for site in sites.values()])
    labels = np.concatenate([site.training_labels for site in sites.values()])
    facts = federated_statistics(
        statistics_vector(everything, labels=labels), features=everything.features, minimum_count=minimum_count
    )
    model = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=1e-10, max_iter=200)
    model.fit(facts.encoder.transform(everything), labels)
    return {
        name: np.asarray(model.predict_proba(facts.encoder.transform(site.held_out_raw))[:, 1], dtype=np.float64)
        for name, site in sites.items()
    }


def majority_probabilities(sites: Mapping[str, SiteData]) -> dict[str, Floats]:
    """Every held-out patient gets its hospital's share of training patients with the outcome."""
    return {
        name: np.full(len(site.held_out), float(site.training_labels.mean()), dtype=np.float64)
        for name, site in sites.items()
    }


def _together(tables: list[RawTable]) -> RawTable:
    names = [feature.name for feature in tables[0].features]
    columns = {name: np.concatenate([table.columns[name] for table in tables]) for name in names}
    return RawTable(features=tables[0].features, columns=columns, patients=sum(table.patients for table in tables))
