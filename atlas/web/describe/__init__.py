"""What the form for producers knows: fields, rules, words and the way to a record, from the tables that hold them."""
