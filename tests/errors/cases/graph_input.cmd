graphcli info graph_input.pbtxt
