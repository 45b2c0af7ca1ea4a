"""Stratified spot-check plans and pass rates with exact confidence bounds, for market supervision."""

__version__ = "0.1.0"
