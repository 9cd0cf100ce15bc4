graphcli run spec_huge_shape.yaml
