graphcli feeds good.yaml --fetch z
