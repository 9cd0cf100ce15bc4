graphcli nodes good.yaml --op Matmul
