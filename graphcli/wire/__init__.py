"""Bytes: protocol messages with TensorFlow's field numbers, checksums, records. Knows no graph and no file."""
