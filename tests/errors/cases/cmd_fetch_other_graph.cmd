graphcli run two.yaml --fetch z
