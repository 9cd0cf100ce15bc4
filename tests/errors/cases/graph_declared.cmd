graphcli info graph_declared.pbtxt
