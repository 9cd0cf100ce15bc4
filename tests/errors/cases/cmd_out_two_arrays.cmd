graphcli run good.yaml --random x --fetch y,total --out y.npy
