"""Formats of files, as crawls, checks and readers of vectors open them: what is read never grows past its limit."""
