graphcli info graph_unclosed.pbtxt
