graphcli export good.yaml -o -
