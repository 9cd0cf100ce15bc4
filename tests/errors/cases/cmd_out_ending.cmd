graphcli run good.yaml --random x --out y.txt
