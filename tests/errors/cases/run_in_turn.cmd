graphcli run called.yaml --fetch sum1 --feed x=[[1,2]]
