"""From records to Collections, and from index rows to Items (Arrow tables, no object per Item)."""
