graphcli run values.yaml --fetch scaled --feed sp='{indices: [[0, 1]], values: [2.5]}'
