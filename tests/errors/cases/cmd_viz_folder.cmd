graphcli viz good.yaml -o nowhere/good.svg
