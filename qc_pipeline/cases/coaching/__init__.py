"""Advice given to an agent, and whether it helped."""
