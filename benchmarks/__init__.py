"""Measurements, each a command of its own: python -m benchmarks.<part>. The figures are in RESULTS.md."""
