graphcli run called.yaml --fetch last[1] --feed x=[[1,2]]
