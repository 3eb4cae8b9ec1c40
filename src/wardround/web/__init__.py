"""What both sites share: accounts, audit, layout, settings."""
