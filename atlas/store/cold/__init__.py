"""Collections that left the database: their Items are searched in the parts of their crawls."""
