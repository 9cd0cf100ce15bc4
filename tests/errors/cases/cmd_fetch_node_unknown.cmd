graphcli run good.yaml --fetch layer/h:0
