graphcli run nowhere/good.yaml
