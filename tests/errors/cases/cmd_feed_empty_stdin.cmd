graphcli run good.yaml --feed x=@-
