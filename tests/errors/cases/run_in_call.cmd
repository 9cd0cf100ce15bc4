graphcli run called.yaml --fetch out --feed x=[[1,2]]
