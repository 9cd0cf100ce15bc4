graphcli run good.yaml --feeds names.json
