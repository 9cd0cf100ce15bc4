graphcli run good.yaml --feed x=@semicolons.csv
