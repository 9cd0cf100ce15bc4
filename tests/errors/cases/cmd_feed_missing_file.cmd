graphcli run good.yaml --feed x=@nope.npy
