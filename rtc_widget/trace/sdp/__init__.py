"""Session descriptions explained and compared."""
