graphcli run good.yaml --feeds good.txt
