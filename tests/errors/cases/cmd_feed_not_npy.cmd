graphcli run good.yaml --feed x=@junk.npy
