graphcli info graph_cut.pb
