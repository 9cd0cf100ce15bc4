graphcli info graph_signature.pbtxt
