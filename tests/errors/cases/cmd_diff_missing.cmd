graphcli diff good.yaml goood.yaml
