graphcli run good.yaml --fetch ''
