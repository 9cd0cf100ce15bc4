graphcli viz good.yaml --fetch oot
