graphcli node graph_good.pbtxt yy
