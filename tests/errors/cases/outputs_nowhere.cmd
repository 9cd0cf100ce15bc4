graphcli check outputs_nowhere.yaml
