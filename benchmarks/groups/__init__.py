"""The rows of the suite, a file a group. A row is added by declaring it here; `benchmarks/row.py` shows how."""
