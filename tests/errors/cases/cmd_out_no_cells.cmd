graphcli run no_rows.yaml --fetch y --random x=[0,3] -o no_rows.csv
