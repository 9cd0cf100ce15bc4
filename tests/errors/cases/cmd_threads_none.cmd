graphcli run good.yaml --fetch total --threads 0
