graphcli events ls good.yaml
