graphcli check spec_other_graph.yaml
