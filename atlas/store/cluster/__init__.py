"""The private PostgreSQL cluster, the account that it runs under, and the PostgreSQL that it needs."""
