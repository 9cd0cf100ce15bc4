graphcli run train.yaml --fetch w --profile nowhere/x.trace
