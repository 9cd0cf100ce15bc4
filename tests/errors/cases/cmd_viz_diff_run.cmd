graphcli viz good.yaml good.yaml --diff --run
