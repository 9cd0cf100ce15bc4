graphcli run good.yaml --feed x=@nothing.json
