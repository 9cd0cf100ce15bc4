graphcli run good.yaml --feed x=@bad.json
