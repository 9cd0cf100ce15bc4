graphcli collections good.yaml variable
