"""What the administrator and the privacy officer see: people, care teams, the audit trail, keys, backups, health."""
