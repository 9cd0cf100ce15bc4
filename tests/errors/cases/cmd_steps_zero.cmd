graphcli run good.yaml --steps 0
