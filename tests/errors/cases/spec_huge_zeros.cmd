graphcli run spec_huge_zeros.yaml
