"""Bulk exports: what a client asked for, the worker that writes it, and the files until they are fetched or expire."""
