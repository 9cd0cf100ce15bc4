graphcli run good.yaml --fecth y
