"""Asklight: ask about the page in front of you, with the API token kept on the server."""

__version__ = "0.1.0"
