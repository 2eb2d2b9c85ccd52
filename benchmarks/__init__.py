"""How fast, how large, how soon: `python -m benchmarks`."""
