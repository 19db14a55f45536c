"""What makes the sample calls, the sample model and the generated pages; not part of the product."""
