"""Programs of TensorFlow 1.15 whose graphs have op types of older graphs: see record.py."""
