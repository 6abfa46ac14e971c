"""Videos and pages made from a recording."""
