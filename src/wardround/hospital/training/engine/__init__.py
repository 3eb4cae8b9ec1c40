"""The hospital's side of NVIDIA FLARE: it carries bytes and is trusted with nothing else."""
