graphcli run graph_unknown_op.pbtxt --fetch y --feed x='[[1,2,3],[4,5,6]]'
