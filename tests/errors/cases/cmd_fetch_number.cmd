graphcli run good.yaml --fetch three
