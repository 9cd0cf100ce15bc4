graphcli run gradient_missing.yaml --fetch loss
