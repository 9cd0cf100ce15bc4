graphcli run good.yaml --set hidden
