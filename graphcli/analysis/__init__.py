"""Graph to facts: counts, costs, sharing, what needs what, lints. Changes nothing."""
