"""Graphs as TensorFlow's messages and back: nodes, attrs, tensors, functions. Knows no file.

    write.graph_def(graph)          Graph -> GraphDef
    read.add_nodes(graph, message)  the nodes of a GraphDef -> nodes of a Graph
"""
