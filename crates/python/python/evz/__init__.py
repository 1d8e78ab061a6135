"""Recordings of event cameras as NumPy arrays."""

from .recording import Recording, open

__all__ = ["Recording", "open"]
