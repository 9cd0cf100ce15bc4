graphcli diff good.yaml
