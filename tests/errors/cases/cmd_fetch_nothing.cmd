graphcli run no_outputs.yaml
