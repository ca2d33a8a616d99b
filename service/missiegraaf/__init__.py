"""Missiegraaf: a knowledge graph of Dutch mission-driven innovation and human-capital policy, and its query service."""

__version__ = "0.1.0"
