"""People, their roles, log-in, and the tokens of backend clients."""
