"""Benchmarks: the product as it is shipped, beside a reference run in the same process mix."""
