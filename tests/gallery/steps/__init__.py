"""One step of each net of the gallery, and what TensorFlow's is: see ``record.py`` and ``test_steps.py``."""
