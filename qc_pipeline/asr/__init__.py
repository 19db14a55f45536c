"""Words out: recognisers behind one interface, packing, guards against invented text, models."""
