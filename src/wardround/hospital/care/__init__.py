"""Who is responsible for whom: care teams, and the emergency access that breaks the glass. Knows patients by their id alone."""
