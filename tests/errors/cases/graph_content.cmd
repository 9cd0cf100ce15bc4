graphcli info graph_content.pbtxt
