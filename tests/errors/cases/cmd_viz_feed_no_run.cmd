graphcli viz good.yaml --feed x=1
