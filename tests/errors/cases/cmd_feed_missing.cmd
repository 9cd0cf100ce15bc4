graphcli run good.yaml
