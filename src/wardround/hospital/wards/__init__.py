"""Who lies where, and what is due: the ward view and the worklist."""
