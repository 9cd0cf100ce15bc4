graphcli run good.yaml --random x=[1000000000,2]
