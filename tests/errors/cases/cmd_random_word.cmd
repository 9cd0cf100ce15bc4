graphcli run good.yaml --random x=big
