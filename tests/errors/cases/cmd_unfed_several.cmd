graphcli run values.yaml --fetch total
