graphcli viz good.yaml --boxes 0
