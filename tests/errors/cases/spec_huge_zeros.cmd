graphcli run spec_huge_zeros.yaml --max-bytes 2G
