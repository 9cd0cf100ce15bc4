graphcli check spec_reopen_near.yaml
