"""Wardround: hospitals learn from each other's patients without showing them."""
