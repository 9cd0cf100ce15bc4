"""The graph IR: nodes, tensors, names, devices, collections. It knows no particular op."""
