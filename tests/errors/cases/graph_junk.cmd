graphcli info graph_junk.pb
