"""Data of the form for producers: fields, rules, wording and the mapping to a record."""
