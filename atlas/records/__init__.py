"""What people curate under `catalog/`: models, the loader, and the rules that check it."""
