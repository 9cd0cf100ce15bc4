graphcli run graph_function.pbtxt --fetch y --feed x='[[1,2,3],[4,5,6]]'
