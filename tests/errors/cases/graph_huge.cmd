graphcli info graph_huge.pbtxt --max-bytes 1G
