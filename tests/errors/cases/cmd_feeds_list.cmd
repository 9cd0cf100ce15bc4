graphcli run good.yaml --feeds list.json
