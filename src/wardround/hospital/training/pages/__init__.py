"""The pages of the federation at the hospital: joining, studies to approve, runs, models, and what left."""
