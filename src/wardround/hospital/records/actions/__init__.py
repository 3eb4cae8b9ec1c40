"""Every write of the records, by noun: resources, drafts, decisions."""
