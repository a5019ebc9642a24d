"""`python -m stac_emb`."""

from stac_emb.command import main

main()
