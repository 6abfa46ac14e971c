"""A call in which something breaks, and how long it takes until everything is as the documentation says."""
