"""Search: what a request asks, the SQL that answers it, and the pages of its Items."""
