graphcli info graph_good.pbtxt --set a=1
