graphcli run good.yaml --fetch total --feed x=batch.npy
