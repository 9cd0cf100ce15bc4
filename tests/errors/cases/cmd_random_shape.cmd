graphcli run good.yaml --random x=[3,5]
