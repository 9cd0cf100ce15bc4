graphcli check good.yaml --set hidden=@hidden.npy
