graphcli run good.yaml --set hiden=3
