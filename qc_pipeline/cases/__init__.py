"""What is opened, handled and closed after a call was judged: appeals, follow-ups, coaching."""
