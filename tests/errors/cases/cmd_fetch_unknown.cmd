graphcli run good.yaml --fetch totl
