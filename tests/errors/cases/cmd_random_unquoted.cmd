graphcli run values.yaml --fetch parts --random x=[2,
