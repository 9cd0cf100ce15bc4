graphcli train train.yaml
