"""Template tags of the federation's pages."""
