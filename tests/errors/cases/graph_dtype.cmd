graphcli info graph_dtype.pbtxt
