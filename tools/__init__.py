"""What makes the sample calls, the sample model and the generated pages; no part of the product."""
