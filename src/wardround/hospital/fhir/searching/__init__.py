"""Search over HTTP: what an address or a form asks for, and the Bundle that answers it."""
