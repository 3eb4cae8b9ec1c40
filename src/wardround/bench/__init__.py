"""Benchmarks: what the product reaches, measured through the doors it uses itself."""
