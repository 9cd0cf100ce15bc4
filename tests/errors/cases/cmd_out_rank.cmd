graphcli run rank3.yaml --out y.csv
