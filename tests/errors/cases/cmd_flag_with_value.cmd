graphcli run good.yaml --eager=3
