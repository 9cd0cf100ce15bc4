graphcli run graph_good.pbtxt --eager
