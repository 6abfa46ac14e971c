"""The wires between processes: names, shapes, limits. Nothing here does I/O."""
