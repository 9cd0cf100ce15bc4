graphcli run good.yaml --feed x=@pickle.npy
