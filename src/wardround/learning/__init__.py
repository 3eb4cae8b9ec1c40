"""Learning on event tables: cohort, features, logistic model, evaluation, explanation."""
