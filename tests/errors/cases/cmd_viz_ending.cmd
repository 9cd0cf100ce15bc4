graphcli viz good.yaml -o good.bmp
