"""A hospital's part in a federation: approvals, cohorts, runs, models."""
