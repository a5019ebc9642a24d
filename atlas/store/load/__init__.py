"""Loading the output of crawls into pgstac: rows prepared beside the catalogue, then swapped in at once."""
