"""Convolutions, pools, norms and pictures."""
