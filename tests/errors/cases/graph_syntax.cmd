graphcli info graph_syntax.pbtxt
