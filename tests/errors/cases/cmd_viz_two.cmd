graphcli viz good.yaml good.yaml
