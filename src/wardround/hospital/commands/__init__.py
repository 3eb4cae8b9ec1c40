"""The commands of `wardround hospital`."""
