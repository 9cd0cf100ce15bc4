graphcli viz good.yaml --restore nothing
