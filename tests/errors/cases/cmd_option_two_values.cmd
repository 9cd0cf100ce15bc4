graphcli scopes good.yaml --same a
