graphcli scopes good.yaml --why nonsense_xyz
