graphcli info graph_collection.pbtxt
