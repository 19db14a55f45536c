"""The sample calls: a week of synthetic service calls, their list, and what is true of them."""
