"""How the atlas reads from hosts that it does not control: politely, within limits, and only where a record allows."""
