graphcli run good.yaml --feed x=@good.txt
