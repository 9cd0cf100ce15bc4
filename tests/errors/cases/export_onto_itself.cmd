graphcli export good.yaml -o ./good.yaml
