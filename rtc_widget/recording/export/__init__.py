"""Videos and pages made of a recording."""
