graphcli run good.yaml --feed x=@../../../specs/data/heights.csv:farther+mother
