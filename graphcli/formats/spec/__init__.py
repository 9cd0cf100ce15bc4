"""Graph -> text of a spec that builds the same graph: readable where an expression does it, else op by op."""
