graphcli scopes good.yaml --lint --why w
