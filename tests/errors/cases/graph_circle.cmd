graphcli nodes graph_circle.pbtxt
