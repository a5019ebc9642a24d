"""Whether the sources of the records have changed since somebody read them.

passages.py   a text as comparable passages; their digests
values.py     which value of a record rests on which source
places.py     kind of a source by its address
reading.py    text of a source, read through the fetch layer
github.py     files, trees, issues and repositories on GitHub
hub.py        cards and files on the Hugging Face hub
judging.py    one source: which passages are still there
check.py      every source of some records, several at a time
results.py    the file of results, which the site shows
keeping.py    fingerprints below `catalog/evidence/`
"""
