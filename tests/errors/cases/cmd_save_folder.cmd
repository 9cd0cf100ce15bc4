graphcli run good.yaml --save ..
