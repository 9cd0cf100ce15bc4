graphcli run good.yaml --fetch train --out y.npz
