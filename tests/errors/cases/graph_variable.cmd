graphcli info graph_variable.pbtxt
