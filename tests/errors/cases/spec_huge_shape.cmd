graphcli run spec_huge_shape.yaml --max-bytes 2G
