graphcli info graph_control.pbtxt
