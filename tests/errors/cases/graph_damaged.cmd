graphcli viz graph_damaged.pb
