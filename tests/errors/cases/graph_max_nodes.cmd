graphcli info graph_good.pbtxt --max-nodes 1
