graphcli scopes good.yaml layr
