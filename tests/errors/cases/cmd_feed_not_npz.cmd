graphcli run good.yaml --feed x=@junk.npz:a
