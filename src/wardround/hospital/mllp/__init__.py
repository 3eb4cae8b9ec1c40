"""HL7 v2 messages that arrive over TCP (MLLP), each stored or quarantined before it is acknowledged."""
