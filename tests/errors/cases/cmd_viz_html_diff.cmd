graphcli viz good.yaml good.yaml --diff -o good.html
