"""`bench intake`: how fast files are read and stored, how much memory that takes, and what mutants of them do."""
