graphcli check spec_max_nodes.yaml --max-nodes 100
