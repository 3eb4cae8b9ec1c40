"""The International Patient Summary (HL7 FHIR IPS, hl7.fhir.uv.ips): a chart's resources as one document Bundle."""
