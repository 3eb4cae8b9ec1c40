"""`bench accuracy`: errors are planted in real records, imported as users import, and counted where they are found."""
