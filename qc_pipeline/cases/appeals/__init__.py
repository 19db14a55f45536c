"""Appeals against a published deduction: who may, by when, how they are decided."""
