graphcli run good.yaml --feed x=@empty.csv
