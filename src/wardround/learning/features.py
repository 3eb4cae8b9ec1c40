"""Events to numbers: the raw table of a cohort and the encoder that turns it into model inputs."""

from wardround.learning.specification import Feature, ModelSpec

__all__ = ["Feature", "ModelSpec"]
