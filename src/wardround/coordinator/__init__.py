"""The coordinator's site and its side of the engine: members, studies, runs, models."""
