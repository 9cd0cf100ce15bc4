graphcli run good.yaml --format xml
