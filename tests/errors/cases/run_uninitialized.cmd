graphcli run run_uninitialized.yaml
