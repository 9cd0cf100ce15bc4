graphcli run good.yaml --feed x=@records.npy
