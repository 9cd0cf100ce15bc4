graphcli node good.yaml totl
