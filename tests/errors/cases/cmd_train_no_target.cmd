graphcli train two.yaml --loss x
