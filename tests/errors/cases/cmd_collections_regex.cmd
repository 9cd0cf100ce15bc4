graphcli collections good.yaml --scope '('
