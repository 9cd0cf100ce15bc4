graphcli run good.yaml --feed x=@ragged.csv
