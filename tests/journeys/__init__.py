"""Tests against the running service: real processes, a real broker, the true network, a real browser."""
