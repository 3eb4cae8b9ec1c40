"""Which records of patients are one person: known to the record store, which leads from the retired one to the survivor."""
