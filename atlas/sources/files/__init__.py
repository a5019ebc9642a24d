"""Files that a listing names: what their names, footers and headers say, and the index rows made of it."""
