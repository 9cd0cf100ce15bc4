graphcli run good.yaml --random x --out nowhere/y.npy
