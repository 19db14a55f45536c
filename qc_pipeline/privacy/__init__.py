"""Purging words that may no longer be kept, and what still holds them."""
