"""A small table of visits, and the mapping file that says what it means."""

MAPPING = """
[source]
name = "Klinik"
slug = "klinik"
format = "csv"
zone = "UTC"

[columns]
NO = "mrn"
FAMILY = "family"
SEX = "sex"
BORN = "birth_year"
VISIT = "visit_start"
SBP = { measurement = "systolic_pressure", unit = "mmHg" }
CHOL = { measurement = "total_cholesterol", unit = "mg/dL" }
PAIN = { measurement = "chest_pain_type" }

[answers.chest_pain_type]
"4" = "asymptomatic"
"""
HEADER = "NO,FAMILY,SEX,BORN,VISIT,SBP,CHOL,PAIN"
ROWS = (
    "K-1,Ammann,F,1950,2026-03-02 08:00,130,240,4",
    "K-2,Brunner,M,1948,2026-03-03 08:00,1400,210,4",
    "K-3,Caduff,M,1955,2026-03-04 08:00,120,0,9",
)
