graphcli node good.yaml
