"""Benchmarks, run by hand and by `make bench`; ratios within one run, never asserted on time."""
