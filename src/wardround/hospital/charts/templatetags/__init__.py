"""Template filters of the charts."""
