graphcli run good.yaml y x=[[1,2]]
