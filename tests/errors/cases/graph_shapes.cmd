graphcli info graph_shapes.pbtxt
