graphcli export good.yaml -o graph.model
