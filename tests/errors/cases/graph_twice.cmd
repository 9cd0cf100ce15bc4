graphcli check graph_twice.pbtxt
