graphcli info graph_attr.pbtxt
