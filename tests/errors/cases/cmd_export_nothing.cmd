graphcli export good.yaml
