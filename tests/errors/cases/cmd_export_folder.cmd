graphcli export good.yaml -o nowhere/graph.pb
