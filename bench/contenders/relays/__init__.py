"""Relays as people write them, for comparison."""
