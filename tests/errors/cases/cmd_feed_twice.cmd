graphcli run good.yaml --feed x='[[1,2]]' --feed x='[[3,4]]'
