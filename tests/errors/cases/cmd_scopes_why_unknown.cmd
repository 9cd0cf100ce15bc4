graphcli scopes good.yaml --why ww
