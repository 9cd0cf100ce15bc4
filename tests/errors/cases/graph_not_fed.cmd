graphcli run graph_good.pbtxt --fetch y
