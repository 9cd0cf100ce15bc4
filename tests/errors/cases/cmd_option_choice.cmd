graphcli run good.yaml --format
