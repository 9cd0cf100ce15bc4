graphcli info graph_tags.pbtxt --graph tpu
