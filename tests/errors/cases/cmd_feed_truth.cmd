graphcli run kinds.yaml --feed x=[1,2] --feed b=yes --feed c=1
