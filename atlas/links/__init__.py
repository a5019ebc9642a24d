"""Whether the addresses in records answer: asked politely, kept in one file, shown by the site."""
