graphcli run good.yaml --feed x=@data.npz
