"""Language models: providers behind one protocol, and the chain that asks one after the other. Nothing depends on them."""
