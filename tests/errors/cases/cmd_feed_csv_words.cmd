graphcli run good.yaml --feed x=@words.csv
