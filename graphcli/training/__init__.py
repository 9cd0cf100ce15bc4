"""Loops over the engine: data in batches, steps, what watches them, and how a run goes on after a stop."""
