graphcli run good.yaml --feed x='{a: 1}'
