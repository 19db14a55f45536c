"""What an operator sees of a call, and what it gives back."""
