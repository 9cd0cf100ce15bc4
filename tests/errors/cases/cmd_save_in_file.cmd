graphcli run good.yaml --save good.yaml/model
