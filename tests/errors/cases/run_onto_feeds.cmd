graphcli run good.yaml --fetch y --feeds bad.json --out bad.json
